#include "filters/dissect.h"

#include "filters/dissect/conversion.h"
#include "filters/dissect/pattern.h"
#include "filters/support/set_field.h"
#include "pipeline/base/text.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"mapping", OptionType::hash, "{ }",
     "field => pattern: what each text is made of, as `%{time} %{level}: %{message}`."},
    {"convert_datatype", OptionType::hash, "{ }",
     "field => type: `int` or `float`, done after all of `mapping`."},
    {"tag_on_failure", OptionType::strings, "[\"_dissectfailure\"]",
     "Tags of an event whose text is empty or doesn't fit its pattern."},
};

struct Mapping {
  FieldRef source;
  dissect::Pattern pattern;
};

struct Conversion {
  std::unique_ptr<PreparedField> field;
  bool integer;
  std::string missing_tag, failure_tag;
};

class Dissect : public Filter {
 public:
  Dissect(std::vector<Mapping> mappings, std::vector<Conversion> conversions,
          const Settings& settings, const Context& context)
      : mappings_(std::move(mappings)),
        conversions_(std::move(conversions)),
        tags_(settings.strings("tag_on_failure")) {
    context.metrics->counter("matches", "Texts that fitted their pattern.", {}, matches_);
    context.metrics->counter("failures", "Texts that were missing or didn't fit.", {}, failures_);
  }

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    uint64_t failures = 0;
    const size_t before = matched.size();
    for (const Row row : rows) failures += run(batch[row], row, matched);
    matches_.add(matched.size() - before);
    failures_.add(failures);
  }

 private:
  // How many of the mappings failed. Each that fits counts as a match of its own.
  uint64_t run(Event& event, Row row, std::vector<Row>& matched) {
    uint64_t failures = 0;
    for (Mapping& mapping : mappings_) {
      const Value* source = static_cast<const Event&>(event).find(mapping.source);
      const auto outcome =
          source ? dissect(mapping, *source, event) : std::optional<dissect::Outcome>();
      if (outcome == dissect::Outcome::match) {
        matched.push_back(row);
        continue;
      }
      ++failures;
      if (outcome) tag_all(event, tags_);
      if (outcome == dissect::Outcome::failed) return failures;  // Logstash: an exception
    }
    for (const Conversion& conversion : conversions_) convert(conversion, event);
    return failures;
  }

  static dissect::Outcome dissect(Mapping& mapping, const Value& source, Event& event) {
    if (source.is_string() && source.size > 0)
      return mapping.pattern.apply(source.view(), source.flags & Value::kClean, event);
    const std::string text = to_text(source);
    if (text.empty()) return dissect::Outcome::no_match;
    return mapping.pattern.apply(event.arena().copy(text), 0, event);
  }

  static void convert(const Conversion& conversion, Event& event) {
    const Value* held = conversion.field->is_valid()
                            ? static_cast<const Event&>(event).find(conversion.field->reference())
                            : nullptr;
    if (!held || held->is_null()) return event.tag(conversion.missing_tag);
    const auto number = held->is_container()
                            ? std::nullopt
                            : dissect::decimal(to_text(*held), conversion.integer, event.arena());
    if (!number || !conversion.field->set(event, *number)) event.tag(conversion.failure_tag);
  }

  std::vector<Mapping> mappings_;
  std::vector<Conversion> conversions_;
  std::vector<std::string> tags_;
  Counter matches_, failures_;
};

Result<std::vector<Mapping>> make_mappings(const Settings& settings) {
  std::vector<Mapping> out;
  for (const auto& [key, value] : settings.hash("mapping")) {
    auto source = FieldRef::parse(key.text);
    if (!source.ok()) return settings.error("mapping", source.error().message);
    if (!value.is_scalar())
      return settings.error("mapping", "`" + key.text + "` must have one pattern");
    if (value.text.empty()) continue;
    auto pattern = dissect::Pattern::parse(value.text);
    if (!pattern.ok()) return settings.error("mapping", pattern.error().message);
    out.push_back({std::move(source).value(), std::move(pattern).value()});
  }
  return out;
}

Result<std::vector<Conversion>> make_conversions(const Settings& settings) {
  std::vector<Conversion> out;
  for (const auto& [key, value] : settings.hash("convert_datatype")) {
    const bool integer = equals_ignore_case(value.text, "int");
    if (!integer && !equals_ignore_case(value.text, "float"))
      return settings.error("convert_datatype",
                            "no type `" + value.text + "`; there are `int` and `float`");
    const std::string which = key.text + "_" + value.text;
    out.push_back({std::make_unique<PreparedField>(key.text), integer,
                   "_dataconversionnullvalue_" + which, "_dataconversionuncoercible_" + which});
  }
  return out;
}

Result<std::unique_ptr<Filter>> make(const Settings& settings, const Context& context) {
  TRY(auto mappings, make_mappings(settings));
  TRY(auto conversions, make_conversions(settings));
  return std::unique_ptr<Filter>(
      std::make_unique<Dissect>(std::move(mappings), std::move(conversions), settings, context));
}

}  // namespace

FilterPlugin dissect_filter() {
  return {{"dissect", "Takes a text apart at delimiters.", kOptions}, make};
}

}  // namespace penstock
