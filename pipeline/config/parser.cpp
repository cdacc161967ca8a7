#include "pipeline/config/parser.h"

#include "pipeline/base/text.h"
#include "pipeline/config/syntax.h"

namespace penstock {
namespace {

constexpr std::string_view kSections[] = {"input", "filter", "output"};

bool word_follows(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

std::string place(const Where& where) {
  return "line " + std::to_string(where.line) + ", column " + std::to_string(where.column);
}

}  // namespace

Syntax::Syntax(std::string_view text, const std::string& file, const ParseOptions& options,
               ConfigTree& tree, Errors& errors)
    : scan_(text, file), options_(options), tree_(tree), errors_(errors) {}

void Syntax::config() {
  while (scan_.skip_gap(), !scan_.at_end())
    if (!section()) resume_at_section();
}

bool Syntax::section() {
  Section out;
  out.where = scan_.where();
  if (scan_.peek() == '}') {
    fail_at(scan_.position(),
            "expected `input`, `filter` or `output`, found `}` that closes nothing");
    scan_.take("}");
    return true;
  }
  const size_t start = scan_.position();
  const std::string_view keyword = scan_.word();
  scan_.skip_gap();
  const bool opens = scan_.peek() == '{';
  size_t kind = 0;
  while (kind < 3 && kSections[kind] != keyword) ++kind;
  if (kind == 3) {
    scan_.seek(start);
    std::string expected = "`input`, `filter` or `output`";
    const std::string_view meant = nearest(keyword, kSections);
    fail_at(start, "expected " + expected + ", found " + scan_.found() +
                       (meant.empty() ? "" : "; did you mean `" + std::string(meant) + "`?"));
    scan_.word();
    scan_.skip_gap();
    if (!opens) return false;
  } else if (!opens) {
    return fail("`{` after `" + std::string(keyword) + "`");
  }
  const size_t opened = scan_.position();
  scan_.take("{");
  block(out.block, opened);
  out.kind = static_cast<SectionKind>(kind);
  if (kind < 3) tree_.sections.push_back(std::move(out));
  return true;
}

// Statements up to and with the `}` that closes what was `opened`.
void Syntax::block(Block& out, size_t opened) {
  const Nested nested(*this);
  if (too_deep()) return;
  while (true) {
    scan_.skip_gap();
    if (scan_.take("}")) return;
    if (scan_.at_end() || at_section()) {
      fail_at(scan_.position(), "expected `}` to close the block opened at " +
                                    place(scan_.where(opened)) + ", found " + scan_.found());
      return;
    }
    if (!statement(out)) resume_at_statement();
  }
}

bool Syntax::statement(Block& out) {
  if (at_branch()) return branch(out);
  return plugin_statement(out);
}

bool Syntax::plugin_statement(Block& out) {
  auto plugin = std::make_shared<PluginNode>();
  plugin->where = scan_.where();
  if (!name(plugin->name, "a plugin or `if`")) return false;
  scan_.skip_gap();
  const size_t opened = scan_.position();
  if (!scan_.take("{")) {
    if (plugin->name == "else") return fail_at(opened, "`else` without an `if` before it");
    return fail("`{` after the plugin name `" + plugin->name + "`");
  }
  if (plugin->name == "else" || plugin->name == "elsif") {
    fail_at(opened, "`" + plugin->name + "` without an `if` before it");
    Block unused;
    block(unused, opened);
    return true;
  }
  const size_t errors = errors_.size();
  const bool good = plugin_body(*plugin, opened);
  plugin->damaged = errors_.size() != errors;
  out.push_back({std::move(plugin), nullptr});
  return good;
}

// `if` and then anything that can't belong to a plugin's name.
bool Syntax::at_branch() const {
  Scanner ahead = scan_;
  if (!ahead.take("if") || word_follows(ahead.peek())) return false;
  ahead.skip_gap();
  return ahead.peek() != '{';
}

bool Syntax::at_section() const {
  Scanner ahead = scan_;
  const std::string_view keyword = ahead.word();
  for (const std::string_view section : kSections) {
    if (section != keyword) continue;
    ahead.skip_gap();
    return ahead.peek() == '{';
  }
  return false;
}

bool Syntax::branch(Block& out) {
  auto made = std::make_shared<Branch>();
  made->where = scan_.where();
  const size_t start = scan_.position();
  scan_.take("if");
  bool more = arm(*made, true, start);
  while (more) {
    const size_t after = scan_.position();
    scan_.skip_gap();
    const size_t keyword = scan_.position();
    const bool otherwise = scan_.take("else");
    if (!otherwise && scan_.word() == "elsif") {
      fail_at(keyword, "expected `else if`, found `elsif`");
      more = arm(*made, true, keyword);
      continue;
    }
    scan_.skip_gap();
    const bool conditional = otherwise && scan_.peek() != '{' && scan_.take("if");
    if (!otherwise || (!conditional && scan_.peek() != '{')) {
      scan_.seek(after);
      break;
    }
    more = arm(*made, conditional, keyword) && conditional;
  }
  out.push_back({nullptr, std::move(made)});
  return true;
}

// The condition and block after `if`, `else if` or `else`. False: no arm can follow.
bool Syntax::arm(Branch& out, bool conditional, size_t keyword) {
  Branch::Arm made;
  scan_.skip_gap();
  if (conditional) {
    made.condition = condition();
    scan_.skip_gap();
    if (made.condition && scan_.peek() != '{')
      fail("`and`, `or` or `{` after the condition of line " +
           std::to_string(scan_.where(keyword).line));
    // A block follows anyway, and its mistakes are to be found too.
    while (!scan_.at_end() && scan_.peek() != '{' && scan_.peek() != '}')
      scan_.seek(scan_.position() + 1);
  }
  const size_t opened = scan_.position();
  if (!scan_.take("{")) return false;
  block(made.block, opened);
  out.arms.push_back(std::move(made));
  return !scan_.at_end();
}

bool Syntax::fail(const std::string& expected) {
  return fail_at(scan_.position(), "expected " + expected + ", found " + scan_.found());
}

bool Syntax::fail_at(size_t position, std::string message) {
  if (stopped_) return false;
  const Where where = scan_.where(position);
  if (long_string_to_ > long_string_from_ && position >= long_string_to_) {
    Scanner between = scan_;
    between.seek(long_string_to_);
    between.word();  // what stood in quotes, when the string ended at another's first quote
    between.skip_gap();
    if (between.position() >= position) {
      message += "; the string before it began at " + place(scan_.where(long_string_from_)) +
                 ": is its closing quote missing?";
      skip_quote(long_string_from_);
    }
  }
  long_string_to_ = 0;
  errors_.push_back({Errc::bad_config, std::move(message), where});
  if (errors_.size() >= kConfigErrorsMax) give_up();
  return false;
}

bool Syntax::too_deep() {
  if (depth_ <= kConfigDepthMax) return false;
  fail_at(scan_.position(), "nested deeper than " + std::to_string(kConfigDepthMax) + " levels");
  give_up();
  return true;
}

void Syntax::give_up() {
  stopped_ = true;
  scan_.seek_end();
}

bool parse_config(std::string_view text, const std::string& file, const ParseOptions& options,
                  ConfigTree& tree, Errors& errors) {
  const size_t before = errors.size();
  if (!is_utf8(text)) {
    errors.push_back({Errc::bad_config, "the text is not UTF-8", {file, 1, 1}});
    return false;
  }
  Errors found;
  Syntax(text, file, options, tree, found).config();
  errors.insert(errors.end(), found.begin(), found.end());
  return errors.size() == before;
}

Result<ConfigValue> parse_value(std::string_view text) {
  ParseOptions options;
  ConfigTree tree;
  Errors errors;
  Syntax syntax(text, "", options, tree, errors);
  ConfigValue value;
  if (!syntax.value(value)) return errors.front();
  if (syntax.scanner().at_end()) return value;
  return Error{Errc::bad_config, "text after the value", {}};
}

}  // namespace penstock
