#include "filters/alter.h"

#include "filters/support/prepared_field.h"
#include "pipeline/event/interpolate.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"condrewrite", OptionType::strings, "[ ]",
     "Threes of field, expected value, new value: replaces the value, or the items of an array, "
     "that are as expected. %{...} works in the values."},
    {"condrewriteother", OptionType::strings, "[ ]",
     "Fours of field, expected value, other field, its new value: sets the other field when the "
     "first is as expected, or has it as an item. %{...} works in the values."},
    {"coalesce", OptionType::strings, "[ ]",
     "A field and values: sets the field to the first value whose %{...} are all there."},
};

struct Rewrite {
  FieldRef field;
  Template expected;
  std::unique_ptr<PreparedField> target;
  Template replacement;
  bool other;  // the target is another field
};

struct Coalesce {
  std::unique_ptr<PreparedField> target;
  std::vector<Template> values;
};

class Alter : public Filter {
 public:
  Alter(std::vector<Rewrite> rewrites, std::optional<Coalesce> coalesce)
      : rewrites_(std::move(rewrites)), coalesce_(std::move(coalesce)) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      for (const Rewrite& rewrite : rewrites_) run(rewrite, batch[row]);
      if (coalesce_) run(*coalesce_, batch[row]);
      matched.push_back(row);
    }
  }

 private:
  void run(const Rewrite& rewrite, Event& event) {
    Value* value = event.find(rewrite.field);
    if (!value) return;
    expected_.clear();
    rewrite.expected.append(event, expected_);
    bool found = false;
    for (Value& held : value->is_array() ? value->elements() : std::span<Value>(value, 1)) {
      if (!held.is_string() || held.view() != expected_) continue;
      found = true;
      if (!rewrite.other) held = text_of(rewrite.replacement, event);
    }
    if (found && rewrite.other)
      (void)rewrite.target->set(event, text_of(rewrite.replacement, event));
  }

  // As Logstash: a value counts as missing when a percent sign is left in it.
  void run(const Coalesce& coalesce, Event& event) {
    for (const Template& value : coalesce.values) {
      const Value text = text_of(value, event);
      if (text.view() == "nil" || text.view().find('%') != std::string_view::npos) continue;
      (void)coalesce.target->set(event, text);
      return;
    }
  }

  Value text_of(const Template& text, Event& event) {
    text_.clear();
    text.append(event, text_);
    return event.string(text_);
  }

  std::vector<Rewrite> rewrites_;
  std::optional<Coalesce> coalesce_;
  std::string expected_, text_;
};

Result<Template> parse_template(const Settings& settings, const char* option,
                                const std::string& text) {
  auto parsed = Template::parse(text);
  if (!parsed.ok()) return settings.error(option, parsed.error().message);
  return parsed;
}

// Groups of `count` texts: field, expected, [other field,] new value.
Status add_rewrites(const Settings& settings, const char* option, size_t count,
                    std::vector<Rewrite>& out) {
  const auto texts = settings.strings(option);
  if (texts.size() % count != 0)
    return settings.error(option, "expected groups of " + std::to_string(count) + ", found " +
                                      std::to_string(texts.size()) + " items");
  for (size_t i = 0; i < texts.size(); i += count) {
    auto field = FieldRef::parse(texts[i]);
    if (!field.ok()) return settings.error(option, field.error().message);
    auto target = std::make_unique<PreparedField>(texts[i + (count == 4 ? 2 : 0)]);
    if (!target->is_valid())
      return settings.error(option, "`" + target->text() + "` is no field reference");
    TRY(Template expected, parse_template(settings, option, texts[i + 1]));
    TRY(Template replacement, parse_template(settings, option, texts[i + count - 1]));
    out.push_back({std::move(field).value(), std::move(expected), std::move(target),
                   std::move(replacement), count == 4});
  }
  return ok_status();
}

Result<std::optional<Coalesce>> make_coalesce(const Settings& settings) {
  const auto texts = settings.strings("coalesce");
  if (texts.empty()) return std::optional<Coalesce>();
  if (texts.size() < 2) return settings.error("coalesce", "expected a field and values");
  Coalesce out;
  out.target = std::make_unique<PreparedField>(texts[0]);
  if (!out.target->is_valid())
    return settings.error("coalesce", "`" + texts[0] + "` is no field reference");
  for (size_t i = 1; i < texts.size(); ++i) {
    TRY(Template value, parse_template(settings, "coalesce", texts[i]));
    out.values.push_back(std::move(value));
  }
  return std::optional(std::move(out));
}

}  // namespace

FilterPlugin alter_filter() {
  return {{"alter", "Replaces values under conditions.", kOptions},
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Filter>> {
            std::vector<Rewrite> rewrites;
            TRY_STATUS(add_rewrites(settings, "condrewrite", 3, rewrites));
            TRY_STATUS(add_rewrites(settings, "condrewriteother", 4, rewrites));
            TRY(auto coalesce, make_coalesce(settings));
            return std::unique_ptr<Filter>(
                std::make_unique<Alter>(std::move(rewrites), std::move(coalesce)));
          }};
}

}  // namespace penstock
