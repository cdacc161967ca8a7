// Plugins, their options and the options' values.
#include <algorithm>

#include "pipeline/config/syntax.h"

namespace penstock {
namespace {

std::string unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    const size_t known = std::string_view("nrt0\\\"'").find(next);
    if (next == '\0' || known == std::string_view::npos) {
      out += text[i];
    } else {
      out += "\n\r\t\0\\\"'"[known];
      ++i;
    }
  }
  return out;
}

}  // namespace

// The options up to and with the `}`. True as soon as the plugin's end was found, whatever its
// options are like.
bool Syntax::plugin_body(PluginNode& out, size_t opened) {
  std::string outer;
  outer.swap(open_);
  bool needs_gap = false, closed = false;
  while (!closed) {
    const bool gap = scan_.skip_gap();
    closed = scan_.take("}");
    if (closed) break;
    if (scan_.at_end() || at_section()) {
      const Where where = scan_.where(opened);
      fail_at(scan_.position(), "expected `}` to close `" + out.name + "` opened at line " +
                                    std::to_string(where.line) + ", column " +
                                    std::to_string(where.column) + ", found " + scan_.found());
      break;
    }
    if (needs_gap && !gap) {
      needs_gap = false;
      if (!fail("white space or `}` after the value") && at_attribute()) continue;
      resume_at_attribute();
      continue;
    }
    const size_t before = scan_.position();
    needs_gap = attribute(out);
    if (needs_gap) continue;
    if (scan_.position() == before) break;  // a plugin starts here
    resume_at_attribute();
  }
  open_.swap(outer);
  return closed;
}

bool Syntax::attribute(PluginNode& out) {
  const size_t start = scan_.position();
  Attribute made;
  made.where = scan_.where();
  if (!name(made.name, "an option or `}`")) {
    skip_token();
    return false;
  }
  scan_.skip_gap();
  if (scan_.peek() == '{' && unclosed_before(made.name, out, start)) return false;
  if (!scan_.take("=>")) return fail("`=>` after `" + made.name + "`");
  scan_.skip_gap();
  if (!value(made.value)) return false;
  out.attributes.push_back(std::move(made));
  return true;
}

// `name {` where an option should be: a plugin, when what follows looks like options and not like
// the keys of a hash. Then the plugin before it lacks its `}`.
bool Syntax::unclosed_before(const std::string& name, const PluginNode& plugin, size_t start) {
  Scanner ahead = scan_;
  ahead.take("{");
  ahead.skip_gap();
  const bool empty = ahead.peek() == '}';
  const bool word = !ahead.word().empty();
  ahead.skip_gap();
  if (!empty && !(word && ahead.take("=>"))) return false;
  fail_at(start, "expected `}` to close `" + plugin.name + "` of line " +
                     std::to_string(plugin.where.line) + ", or `=>`, found the plugin `" + name +
                     "`");
  scan_.seek(start);
  return true;
}

bool Syntax::name(std::string& out, std::string_view what) {
  std::string_view text;
  if (scan_.peek() == '"' || scan_.peek() == '\'') {
    if (!quoted(text)) return false;
  } else {
    text = scan_.word();
    if (text.empty()) return fail(std::string(what));
  }
  out = text;
  return true;
}

bool Syntax::value(ConfigValue& out) {
  const Nested nested(*this);
  if (too_deep()) return false;
  out.where = scan_.where();
  switch (scan_.peek()) {
    case '"':
    case '\'':
      return string_value(out);
    case '[':
      return array(out);
    case '{':
      return hash(out);
    case '$':
      return fail("a value; a variable needs quotes: \"${NAME}\"");
    default:
      return word_value(out);
  }
}

// A codec, a number or a bareword.
bool Syntax::word_value(ConfigValue& out) {
  const size_t start = scan_.position();
  const std::string_view word = scan_.word();
  if (word.empty()) return fail("a value");
  const size_t after = scan_.position();
  scan_.skip_gap();
  if (scan_.peek() == '{') return codec(std::string(word), start, out);
  scan_.seek(start);
  if (const std::string_view digits = scan_.number(); !digits.empty()) {
    out.kind = ConfigValue::Kind::number;
    out.text = digits;
    return true;
  }
  out.kind = ConfigValue::Kind::bareword;
  out.text = scan_.bareword();
  if (scan_.position() == after && out.text.size() > 1) return true;
  scan_.seek(start);
  return fail("a value; this one needs quotes: \"" + std::string(word) + "\"");
}

bool Syntax::codec(std::string plugin_name, size_t start, ConfigValue& out) {
  out.kind = ConfigValue::Kind::plugin;
  out.plugin = std::make_shared<PluginNode>();
  out.plugin->name = std::move(plugin_name);
  out.plugin->where = scan_.where(start);
  const size_t opened = scan_.position();
  scan_.take("{");
  return plugin_body(*out.plugin, opened);
}

bool Syntax::string_value(ConfigValue& out) {
  const size_t start = scan_.position();
  std::string_view content;
  if (!quoted(content)) return false;
  const size_t after = scan_.position();
  scan_.skip_gap();
  if (scan_.peek() == '{') return codec(std::string(content), start, out);
  scan_.seek(after);
  out.kind = ConfigValue::Kind::string;
  return substituted(content, start, out.text);
}

// A string's text as the plugin gets it. An unset variable is an error, but no reason to stop.
bool Syntax::substituted(std::string_view raw, size_t position, std::string& out) {
  out = options_.support_escapes ? unescaped(raw) : std::string(raw);
  if (raw.find("${") == raw.npos) return true;
  auto text = substitute_environment(out, options_.environment);
  if (!text.ok()) {
    fail_at(position, text.error().message);
    return true;
  }
  out = std::move(text).value();
  return true;
}

bool Syntax::quoted(std::string_view& content) {
  const size_t start = scan_.position();
  if (!scan_.quoted(scan_.peek(), content)) {
    long_string_to_ = 0;
    fail_at(start, "this string is not closed (a backslash before a quote keeps it open)");
    skip_quote(start);
    return false;
  }
  if (content.find('\n') != content.npos) {
    long_string_from_ = start;
    long_string_to_ = scan_.position();
  }
  return true;
}

bool Syntax::array(ConfigValue& out) {
  out.kind = ConfigValue::Kind::array;
  scan_.take("[");
  open_ += '[';
  scan_.skip_gap();
  while (!scan_.take("]")) {
    if (!out.items.empty()) {
      if (!scan_.take(",")) return fail("`,` or `]` in the array");
      scan_.skip_gap();
      if (scan_.peek() == ']') return fail("a value after `,` (the last one takes no comma)");
    }
    if (!value(out.items.emplace_back())) return false;
    scan_.skip_gap();
  }
  open_.pop_back();
  return true;
}

bool Syntax::hash(ConfigValue& out) {
  out.kind = ConfigValue::Kind::hash;
  scan_.take("{");
  open_ += '{';
  scan_.skip_gap();
  while (!scan_.take("}")) {
    if (scan_.peek() == ',')
      return fail_at(scan_.position(),
                     "the pairs of a hash have white space between them, no comma");
    if (!hash_entry(out)) return false;
    scan_.skip_gap();
  }
  open_.pop_back();
  return true;
}

bool Syntax::hash_entry(ConfigValue& out) {
  ConfigValue key, held;
  if (!hash_key(key)) return false;
  scan_.skip_gap();
  if (!scan_.take("=>")) return fail("`=>` after the key `" + key.text + "`");
  scan_.skip_gap();
  if (!value(held)) return false;
  for (size_t i = 0; i < out.items.size(); i += 2) {
    if (out.items[i].text != key.text) continue;
    errors_.push_back({Errc::bad_config,
                       "the key `" + key.text + "` is already in this hash (line " +
                           std::to_string(out.items[i].where.line) + ")",
                       key.where});
  }
  out.items.push_back(std::move(key));
  out.items.push_back(std::move(held));
  return true;
}

bool Syntax::hash_key(ConfigValue& out) {
  out.where = scan_.where();
  std::string_view text;
  if (scan_.peek() == '"' || scan_.peek() == '\'') {
    if (!quoted(text)) return false;
  } else if (text = scan_.number(); !text.empty()) {
    out.kind = ConfigValue::Kind::number;
  } else {
    out.kind = ConfigValue::Kind::bareword;
    text = scan_.bareword();
    if (text.empty()) return fail("a key or `}`");
  }
  out.text = options_.support_escapes ? unescaped(text) : std::string(text);
  return true;
}

}  // namespace penstock
