// What is matched against what: logstash-filter-prune (prune.rb). Names and values are those of the
// top level.
#include "filters/prune.h"

#include <algorithm>
#include <unordered_map>

#include "pipeline/base/log.h"
#include "pipeline/base/regex.h"

namespace penstock {
namespace {

// Expressions that interpolation made, remembered per list.
constexpr size_t kRenderedMax = 1000;

constexpr Option kOptions[] = {
    {"interpolate", OptionType::boolean, "false",
     "Whether %{...} in the expressions and names is filled in from each event. Slower."},
    {"whitelist_names", OptionType::strings, "[]",
     "Expressions: fields whose name matches none of them go. Empty: none goes."},
    {"blacklist_names", OptionType::strings, "[\"%\\{[^}]+\\}\"]",
     "Expressions: fields whose name matches one of them go. By default those whose name holds an "
     "unresolved %{reference}."},
    {"whitelist_values", OptionType::hash, "{}",
     "Field => expression: the field goes when its value doesn't match, of a list the items that "
     "don't."},
    {"blacklist_values", OptionType::hash, "{}",
     "Field => expression: the field goes when its value matches, of a list the items that do."},
};

using RegexPtr = std::shared_ptr<const Regex>;

// An expression as configured, or with %{...} filled in for each event.
class Pattern {
 public:
  static Result<Pattern> make(const std::string& text, bool interpolate) {
    TRY(Template parsed, Template::parse(text));
    Pattern out(std::move(parsed));
    out.dynamic_ = interpolate && !out.text_.is_constant();
    if (out.dynamic_) return out;
    TRY(out.regex_, Regex::compile(text));
    return out;
  }

  // nullptr when what %{...} gave is no expression: it then matches nothing.
  const Regex* of(const Event& event) {
    if (!dynamic_) return regex_.get();
    rendered_.clear();
    (void)text_.append(event, rendered_);
    if (const auto known = compiled_.find(rendered_); known != compiled_.end())
      return known->second.get();
    if (compiled_.size() >= kRenderedMax) compiled_.clear();
    auto made = Regex::compile(rendered_);
    if (!made.ok()) log::warn("prune", "an interpolated expression is malformed: {}", text_.text());
    return compiled_.emplace(rendered_, made.ok() ? made.value() : nullptr).first->second.get();
  }

 private:
  explicit Pattern(Template text) : text_(std::move(text)) {}

  Template text_;
  bool dynamic_ = false;
  RegexPtr regex_;
  std::string rendered_;
  std::unordered_map<std::string, RegexPtr> compiled_;
};

struct ValueRule {
  Template field;
  Pattern pattern;
};

class Prune : public Filter {
 public:
  std::vector<Pattern> allowed_names, refused_names;
  std::vector<ValueRule> allowed_values, refused_values;
  bool interpolate = false;

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      prune(batch[row]);
      matched.push_back(row);
    }
  }

 private:
  // Everything is decided on the event as it came, then the fields go.
  void prune(Event& event) {
    const Value& root = event.root();
    doomed_.assign(root.size, false);
    if (!allowed_names.empty()) judge_names(event, allowed_names, false);
    if (!refused_names.empty()) judge_names(event, refused_names, true);
    cuts_.clear();
    for (ValueRule& rule : allowed_values) judge_value(event, rule, false);
    for (ValueRule& rule : refused_values) judge_value(event, rule, true);
    for (const Cut& cut : cuts_) root.members[cut.member].value = cut.kept;
    remove_doomed(event.root());
  }

  // Dooms the fields for which "one of the patterns matches the name" is `doom`.
  void judge_names(const Event& event, std::vector<Pattern>& patterns, bool doom) {
    regexes_.clear();
    for (Pattern& pattern : patterns) regexes_.push_back(pattern.of(event));
    const auto members = event.root().entries();
    for (size_t i = 0; i < members.size(); ++i) {
      bool any = false;
      for (const Regex* regex : regexes_) any = any || matches(regex, members[i].name());
      if (any == doom) doomed_[i] = true;
    }
  }

  void judge_value(const Event& event, ValueRule& rule, bool doom) {
    const std::string name = interpolate ? rule.field.render(event) : rule.field.text();
    const auto members = event.root().entries();
    const auto found = std::find_if(members.begin(), members.end(),
                                    [&](const Member& member) { return member.name() == name; });
    if (found == members.end()) return;
    const Value& value = found->value;
    if (value.is_null() || (value.kind == Kind::boolean && !value.truth())) return;
    const auto member = static_cast<uint32_t>(found - members.begin());
    const Regex* regex = rule.pattern.of(event);
    if (value.is_array())
      cut_items(event, value, member, regex, doom);
    else if (matches(regex, text_of(value)) == doom)
      doomed_[member] = true;
  }

  void cut_items(const Event& event, const Value& list, uint32_t member, const Regex* regex,
                 bool doom) {
    Value kept = Value::array();
    for (const Value& item : list.elements())
      if (matches(regex, text_of(item)) != doom) array_append(event.arena(), kept, item);
    if (kept.size == list.size) return;
    if (kept.size == 0)
      doomed_[member] = true;
    else
      cuts_.push_back({member, kept});
  }

  void remove_doomed(Value& root) const {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < root.size; ++i)
      if (!doomed_[i]) root.members[kept++] = root.members[i];
    root.size = kept;
  }

  bool matches(const Regex* regex, std::string_view text) {
    return regex && regex->search(text, match_) == Regex::Outcome::match;
  }

  std::string_view text_of(const Value& value) {
    if (value.is_string()) return value.view();
    scratch_.clear();
    append_text(value, scratch_);
    return scratch_;
  }

  struct Cut {
    uint32_t member;
    Value kept;
  };
  std::vector<bool> doomed_;  // by member of the event at hand
  std::vector<Cut> cuts_;
  std::vector<const Regex*> regexes_;
  Regex::Match match_;
  std::string scratch_;
};

Status add_names(const Settings& settings, std::string_view option, std::vector<Pattern>& out) {
  for (const std::string& text : settings.strings(option)) {
    auto pattern = Pattern::make(text, settings.boolean("interpolate"));
    if (!pattern.ok()) return settings.error(option, pattern.error().message);
    out.push_back(std::move(pattern).value());
  }
  return ok_status();
}

Status add_values(const Settings& settings, std::string_view option, std::vector<ValueRule>& out) {
  for (const auto& [key, value] : settings.hash(option)) {
    if (!value.is_scalar())
      return settings.error(option, "`" + key.text + "` must be one expression");
    auto field = Template::parse(key.text);
    if (!field.ok()) return settings.error(option, field.error().message);
    auto pattern = Pattern::make(value.text, settings.boolean("interpolate"));
    if (!pattern.ok()) return settings.error(option, pattern.error().message);
    out.push_back({std::move(field).value(), std::move(pattern).value()});
  }
  return ok_status();
}

Result<std::unique_ptr<Filter>> make_prune(const Settings& settings, const Context&) {
  auto filter = std::make_unique<Prune>();
  filter->interpolate = settings.boolean("interpolate");
  TRY_STATUS(add_names(settings, "whitelist_names", filter->allowed_names));
  TRY_STATUS(add_names(settings, "blacklist_names", filter->refused_names));
  TRY_STATUS(add_values(settings, "whitelist_values", filter->allowed_values));
  TRY_STATUS(add_values(settings, "blacklist_values", filter->refused_values));
  return std::unique_ptr<Filter>(std::move(filter));
}

}  // namespace

FilterPlugin prune_filter() {
  return {{"prune", "Removes fields by expressions for their names and values.", kOptions},
          make_prune};
}

}  // namespace penstock
