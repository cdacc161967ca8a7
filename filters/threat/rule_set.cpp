#include "filters/threat/rule_set.h"

#include <re2/re2.h>

#include <algorithm>
#include <bit>
#include <map>
#include <mutex>
#include <optional>

#include "filters/threat/decode.h"
#include "filters/threat/jndi.h"
#include "filters/threat/markup.h"
#include "filters/threat/path.h"
#include "filters/threat/remote_url.h"
#include "filters/threat/shell.h"
#include "filters/threat/sql.h"
#include "filters/threat/token.h"
#include "filters/threat/triggers.h"
#include "pipeline/base/check.h"

namespace penstock::threat {
namespace {

constexpr int64_t kRegexMemory = 4 << 20;

bool contains(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

}  // namespace

namespace {

re2::RE2::Options options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(false);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_max_mem(kRegexMemory);
  options.set_never_capture(true);
  return options;
}

// A regex that is compiled when it is first needed: of the shipped ones most never are, and all
// together they would be half of a start. Thread-safe.
class LateRegex {
 public:
  explicit LateRegex(const std::string& pattern) : pattern_(pattern) {}
  bool matches(std::string_view text) const {
    std::call_once(once_, [this] { regex_.emplace(pattern_, options()); });
    return re2::RE2::PartialMatch({text.data(), text.size()}, *regex_);
  }

 private:
  const std::string& pattern_;  // the rule's
  mutable std::once_flag once_;
  mutable std::optional<re2::RE2> regex_;
};

}  // namespace

struct RuleSet::Compiled {
  std::unique_ptr<LateRegex> regex;
  std::vector<std::unique_ptr<LateRegex>> unless;
};

RuleSet::~RuleSet() = default;

RuleSet::RuleSet(std::vector<Rule> rules) : rules_(std::move(rules)) {
  std::map<std::string, uint32_t, std::less<>> numbers;
  std::vector<std::string> literals;
  const auto trigger = [&](std::string_view literal) -> Trigger& {
    const auto [at, added] = numbers.emplace(literal, static_cast<uint32_t>(literals.size()));
    if (added) literals.emplace_back(literal), triggers_.emplace_back();
    return triggers_[at->second];
  };
  for (const FamilyTrigger& family : family_triggers())
    trigger(family.literal).families |= family.families;
  for (uint32_t i = 0; i < rules_.size(); ++i) {
    const Rule& rule = rules_[i];
    Compiled& compiled = compiled_.emplace_back();
    if (!rule.regex.empty()) compiled.regex = std::make_unique<LateRegex>(rule.regex);
    for (const std::string& unless : rule.unless)
      compiled.unless.push_back(std::make_unique<LateRegex>(unless));
    if (rule.detector) {
      by_signal_[static_cast<size_t>(*rule.detector)].push_back(i);
      wanted_ |= bit(*rule.detector);
    }
    for (const std::string& literal : rule.literals) trigger(literal).rules.push_back(i);
    if (rule.literals.empty() && compiled.regex) always_.push_back(i);
    if (!rule.fields.empty() && rule.equals.empty()) by_field_ = true;
  }
  tokens_are_clean_ = always_.empty() && std::none_of(literals.begin(), literals.end(), fits_token);
  literals_ = literals.size();
  scanner_ = LiteralScanner(literals);
}

Inspector::Inspector(std::shared_ptr<const RuleSet> rules) : rules_(std::move(rules)) {
  hits_.resize(rules_->literals_);
}

void Inspector::inspect(std::string_view text, FieldKind kind, std::string_view field_name,
                        Findings& out) {
  if (text.size() < 2 || (rules_->tokens_are_clean_ && is_token(text))) return;
  CleanTexts::Key key = 0;
  if (clean_.has(text, static_cast<uint32_t>(kind), key)) return;
  text = text.substr(0, kInspectBytesMax);
  hits_.clear();
  const uint8_t classes = rules_->scanner_.scan(text, hits_);
  if (!hits_.empty() || classes != 0 || !rules_->always_.empty()) {
    kind_ = kind;
    field_name_ = field_name;
    out_ = &out;
    inspect_hits(text, classes);
  }
  // A rule that fired before is not tried again: only with no finding at all is the text clean.
  if (out.empty() && !rules_->by_field_) clean_.add(key);
}

void Inspector::inspect_hits(std::string_view text, uint8_t classes) {
  mode_ = mode_of(text, kind_);
  bool decode = classes & (kEscape | kBackslash);
  for (const uint32_t hit : hits_.literals())
    decode = decode || rules_->triggers_[hit].families & kDecodeFamily;
  if (families_of({text, classes, 0}) != 0 || !hits_.empty() || !rules_->always_.empty()) {
    folded_.assign(text);
    fold_case(folded_);
    look({folded_, classes, 0});
  }
  std::string_view from = text;
  for (int layer = 1; decode && layer <= kLayersMax; ++layer) {
    if (!decode_layer(from, layers_[layer - 1])) return;
    from = layers_[layer - 1];
    hits_.clear();
    classes = rules_->scanner_.scan(from, hits_);
    look({from, classes, layer});
    decode = classes & (kEscape | kBackslash);
  }
}

uint16_t Inspector::families_of(const View& view) const {
  uint16_t families = 0;
  for (const uint32_t hit : hits_.literals()) families |= rules_->triggers_[hit].families;
  if (view.classes & kLess) families |= kMarkupFamily;
  if (view.classes & (kSemicolon | kPipe | kBacktick | kDollar | kEscape)) families |= kShellFamily;
  if (view.layers > 0 && contains(view.text, "\n")) families |= kShellFamily;
  if (view.classes & kDollar) families |= kJndiFamily;
  if (families & kSqlWeakFamily) {
    // Words alone are prose: SQL has an operator, a quote or a call.
    if (view.classes & kQuote || view.text.find_first_of("=<>(#") != std::string_view::npos ||
        contains(view.text, "--") || contains(view.text, "/*") || view.classes & kSemicolon ||
        contains(view.text, "like") || mode_ == Mode::value)
      families |= kSqlFamily;
  }
  return families;
}

void Inspector::look(const View& view) {
  const uint16_t families = families_of(view);
  if (families == 0 && hits_.empty() && rules_->always_.empty()) return;
  cut(view.text, kind_, mode_, fragments_);
  if (families) run_detectors(families, view);
  for (const uint32_t rule : rules_->always_) run_rule(rule, view);
  // run_rule() reads hits_ only through this list, which it doesn't change.
  for (const uint32_t hit : hits_.literals())
    for (const uint32_t rule : rules_->triggers_[hit].rules) run_rule(rule, view);
}

void Inspector::run_detectors(uint16_t families, const View& view) {
  Signals found = 0;
  if (families & kJndiFamily) found |= find_jndi(view.text);
  for (const Fragment& fragment : fragments_) {
    const bool agent = kind_ == FieldKind::agent;
    if (families & kSqlFamily) found |= find_sql(fragment.text, fragment.mode);
    if (families & kMarkupFamily) found |= find_markup(fragment.text, fragment.mode);
    if (families & kShellFamily)
      found |= find_shell(fragment.text, agent ? Mode::text : fragment.mode);
    if (families & kPathFamily) {
      Signals path = find_path(fragment.text, fragment.mode, view.layers > 0);
      // A site may well have its own /var/www or /opt: its path is no file's.
      if (fragment.kind == Fragment::Kind::path ||
          (fragment.kind == Fragment::Kind::whole && kind_ == FieldKind::url))
        path &= ~bit(Signal::path_file);
      found |= path;
    }
    if (families & kUrlFamily && fragment.kind != Fragment::Kind::path &&
        !(fragment.kind == Fragment::Kind::whole && (kind_ == FieldKind::url || agent)))
      found |= find_url(fragment.text, fragment.name, fragment.mode);
  }
  for (found &= rules_->wanted_; found; found &= found - 1)
    for (const uint32_t rule : rules_->by_signal_[static_cast<size_t>(std::countr_zero(found))])
      out_->add(rule);
}

void Inspector::run_rule(uint32_t number, const View& view) {
  if (out_->has(number)) return;
  const Rule& rule = rules_->rules_[number];
  if (!rule.decode && view.layers > 0) return;
  if (!rule.fields.empty() &&
      std::find(rule.fields.begin(), rule.fields.end(), field_name_) == rule.fields.end())
    return;
  const RuleSet::Compiled& compiled = rules_->compiled_[number];
  const auto matches = [&](std::string_view text) {
    if (compiled.regex) return compiled.regex->matches(text);
    for (const std::string& literal : rule.literals)
      if (contains(text, literal)) return true;
    return false;
  };
  const auto suppressed = [&](std::string_view text) {
    for (const auto& unless : compiled.unless)
      if (unless->matches(text)) return true;
    return false;
  };
  const auto fires = [&](std::string_view text) { return matches(text) && !suppressed(text); };
  if (rule.scope == Scope::any) {
    if (fires(view.text)) out_->add(number);
    return;
  }
  if (rule.scope == Scope::agent) {
    if ((kind_ == FieldKind::agent || kind_ == FieldKind::text) && fires(view.text))
      out_->add(number);
    return;
  }
  for (const Fragment& fragment : fragments_) {
    const bool right = rule.scope == Scope::path ? fragment.kind == Fragment::Kind::path
                                                 : fragment.mode == Mode::value;
    if (right && fires(fragment.text)) return out_->add(number);
  }
}

}  // namespace penstock::threat
