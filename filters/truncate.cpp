// Which texts are cut: logstash-filter-truncate (truncate.rb): those in fields, in the members of
// an object at any depth, and the items of a list but not what is nested in them.
#include "filters/truncate.h"

#include "filters/support/characters.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"fields", OptionType::fields, "", "The fields to cut. Unset: all fields of the event."},
    {"length_bytes", OptionType::integer, "",
     "How many bytes a text may have; one that ends within a character loses all of it.", true},
};

class Truncate : public Filter {
 public:
  explicit Truncate(const Settings& settings)
      : all_(!settings.is_given("fields")),
        fields_(settings.fields("fields")),
        length_(static_cast<uint64_t>(settings.integer("length_bytes"))) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      Event& event = batch[row];
      bool cut = false;
      if (all_) cut = cut_members(event.root());
      for (const FieldRef& field : fields_)
        if (Value* value = event.find(field)) cut = cut_value(*value) || cut;
      if (cut) matched.push_back(row);
    }
  }

 private:
  bool cut_value(Value& value) const {
    if (value.is_string()) return cut_text(value);
    if (value.is_object()) return cut_members(value);
    bool cut = false;
    if (value.is_array())
      for (Value& item : value.elements())
        if (item.is_string()) cut = cut_text(item) || cut;
    return cut;
  }

  bool cut_members(Value& object) const {
    bool cut = false;
    for (Member& member : object.entries()) cut = cut_value(member.value) || cut;
    return cut;
  }

  bool cut_text(Value& value) const {
    if (value.size <= length_) return false;
    value = Value::string(cut_to(value.view(), length_), value.flags & Value::kClean);
    return true;
  }

  bool all_;
  std::vector<FieldRef> fields_;
  uint64_t length_;
};

}  // namespace

FilterPlugin truncate_filter() {
  return {{"truncate", "Cuts texts that are too long.", kOptions},
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Filter>> {
            if (settings.integer("length_bytes") < 0)
              return settings.error("length_bytes", "must not be negative");
            return std::unique_ptr<Filter>(std::make_unique<Truncate>(settings));
          }};
}

}  // namespace penstock
