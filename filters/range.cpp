// Rules and their actions: logstash-filter-range (range.rb).
#include "filters/range.h"

#include <fmt/format.h>

#include <algorithm>

#include "filters/support/characters.h"
#include "pipeline/base/text.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"ranges", OptionType::any, "[]",
     "Groups of four: field, least, greatest, action. Actions: \"drop\", \"tag:NAME\", "
     "\"field:NAME:VALUE\"; names and values may hold %{...}."},
    {"negate", OptionType::boolean, "false", "Act when the value lies outside of the range."},
};

struct Action {
  enum class Kind : uint8_t { drop, tag, field };
  Kind kind = Kind::drop;
  std::optional<Template> name;   // of tag or field
  std::optional<Template> value;  // text for a field
  Value number;                   // or a number; null when it is text
};

struct Rule {
  double least, greatest;
  Action action;
};

struct FieldRules {
  FieldRef field;
  std::vector<Rule> rules;
};

bool is_truthy(const Value& value) {
  return !value.is_null() && !(value.kind == Kind::boolean && !value.truth());
}

class Range : public Filter {
 public:
  Range(std::vector<FieldRules> fields, bool negate)
      : fields_(std::move(fields)), negate_(negate) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      if (run(batch[row]))
        matched.push_back(row);
      else
        batch.drop(row, DropReason::filter);
    }
  }

 private:
  // False: the event is to be dropped.
  bool run(Event& event) const {
    for (const FieldRules& field : fields_)
      for (const Rule& rule : field.rules) {
        const Value* value = static_cast<const Event&>(event).find(field.field);
        if (!value) break;
        if (is_within(*value, rule) == negate_) continue;
        if (rule.action.kind == Action::Kind::drop) return false;
        act(event, rule.action);
      }
    return true;
  }

  static bool is_within(const Value& value, const Rule& rule) {
    std::optional<double> size;
    if (value.is_string())
      size = static_cast<double>(count_characters(value.view()));
    else if (value.is_number())
      size = value.as_real();
    return size && *size >= rule.least && *size <= rule.greatest;
  }

  static void act(Event& event, const Action& action) {
    const std::string name = action.name->render(event);
    if (action.kind == Action::Kind::tag) return event.tag(name);
    const auto field = FieldRef::parse(name);
    if (!field.ok()) return;
    Value value = action.number;
    if (action.value) value = event.string(action.value->render(event));
    add(event, field.value(), value);
  }

  // Numbers are added to a field that is there as text: so Logstash does it.
  static void add(Event& event, const FieldRef& field, Value value) {
    Value* there = event.find(field);
    if (!there || !is_truthy(*there)) return (void)event.set(field, value);
    if (!value.is_string()) value = event.string(to_text(value));
    if (!there->is_array()) {
      const Value first = *there;
      *there = Value::array();
      array_append(event.arena(), *there, first);
    }
    array_append(event.arena(), *there, value);
  }

  std::vector<FieldRules> fields_;
  bool negate_;
};

// --- making one ---

// As Ruby's split: empty parts at the end don't count.
std::vector<std::string> split_action(std::string_view text) {
  std::vector<std::string> out;
  while (true) {
    const size_t colon = text.find(':');
    out.emplace_back(text.substr(0, colon));
    if (colon == text.npos) break;
    text.remove_prefix(colon + 1);
  }
  while (!out.empty() && out.back().empty()) out.pop_back();
  return out;
}

// "10" and "1.5" are numbers, "010" and "1.50" texts.
Value number_of(const std::string& text) {
  if (const auto integer = parse_integer(text); integer && std::to_string(*integer) == text)
    return Value::of_integer(*integer);
  const auto real = parse_real(text);
  std::string written;
  if (real) append_real(*real, written);
  return real && written == text ? Value::of_real(*real) : Value::null();
}

Result<Action> parse_action(const std::string& text) {
  const auto bad = [](std::string message) { return Error{Errc::bad_config, std::move(message)}; };
  const std::vector<std::string> parts = split_action(text);
  const std::string name = parts.empty() ? "" : parts[0];
  Action action;
  if (name == "drop") {
    if (parts.size() != 1) return bad("the action `drop` takes no parameters");
    return action;
  }
  if (name == "tag") {
    if (parts.size() != 2) return bad("the action `tag` is written \"tag:NAME\"");
    action.kind = Action::Kind::tag;
  } else if (name == "field") {
    if (parts.size() != 3) return bad("the action `field` is written \"field:NAME:VALUE\"");
    action.kind = Action::Kind::field;
    action.number = number_of(parts[2]);
  } else {
    return bad("there is no action `" + text + "`; there are drop, tag:NAME and field:NAME:VALUE");
  }
  TRY(action.name, Template::parse(parts[1]));
  if (action.kind == Action::Kind::field && action.number.is_null()) {
    TRY(action.value, Template::parse(parts[2]));
  }
  return action;
}

Status add_rule(const ConfigValue* four, std::vector<FieldRules>& out) {
  const auto bad = [](std::string message) { return Error{Errc::bad_config, std::move(message)}; };
  const auto is_number = [](const ConfigValue& v) { return v.kind == ConfigValue::Kind::number; };
  if (!four[0].is_scalar() || is_number(four[0])) return bad("a field's name must be a string");
  if (!is_number(four[1]) || !is_number(four[2]))
    return bad("least and greatest of `" + four[0].text + "` must be numbers, without quotes");
  if (!four[3].is_scalar() || is_number(four[3])) return bad("an action must be a string");
  TRY(FieldRef field, FieldRef::parse(four[0].text));
  TRY(Action action, parse_action(four[3].text));
  auto at = std::find_if(out.begin(), out.end(),
                         [&](const FieldRules& rules) { return rules.field == field; });
  if (at == out.end()) at = out.insert(at, {std::move(field), {}});
  const double least = parse_real(four[1].text).value_or(0);
  const double greatest = parse_real(four[2].text).value_or(0);
  at->rules.push_back({least, greatest, std::move(action)});
  return ok_status();
}

Result<std::unique_ptr<Filter>> make_range(const Settings& settings, const Context&) {
  const ConfigValue* ranges = settings.value("ranges");
  std::vector<FieldRules> fields;
  if (ranges && (ranges->kind != ConfigValue::Kind::array || ranges->items.size() % 4 != 0))
    return settings.error("ranges", "must be groups of four: field, least, greatest, action");
  for (size_t i = 0; ranges && i < ranges->items.size(); i += 4)
    if (const Status added = add_rule(&ranges->items[i], fields); !added.ok())
      return settings.error("ranges", added.error().message);
  return std::unique_ptr<Filter>(
      std::make_unique<Range>(std::move(fields), settings.boolean("negate")));
}

}  // namespace

FilterPlugin range_filter() {
  return {{"range", "Acts on events whose numbers lie in a range.", kOptions}, make_range};
}

}  // namespace penstock
