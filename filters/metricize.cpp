// logstash-filter-metricize (metricize.rb): neither the event nor the new ones get the common
// options.
#include "filters/metricize.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"metrics", OptionType::fields, "", "The fields that each become an event.", true},
    {"metric_field_name", OptionType::field, "metric",
     "The field of the new events that takes the metric's name."},
    {"value_field_name", OptionType::field, "value",
     "The field of the new events that takes its value."},
    {"drop_original_event", OptionType::boolean, "false", "Whether the event itself is dropped."},
};

bool is_truthy(const Value& value) {
  return !value.is_null() && !(value.kind == Kind::boolean && !value.truth());
}

class Metricize : public Filter {
 public:
  explicit Metricize(const Settings& settings)
      : metrics_(settings.fields("metrics")),
        names_(settings.strings("metrics")),
        name_field_(settings.field("metric_field_name")),
        value_field_(settings.field("value_field_name")),
        drop_original_(settings.boolean("drop_original_event")) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    (void)matched;
    for (const Row row : rows) {
      for (size_t i = 0; i < metrics_.size(); ++i) {
        const Value* value = static_cast<const Batch&>(batch)[row].find(metrics_[i]);
        if (value && is_truthy(*value)) add(batch, row, i);
      }
      if (drop_original_) batch.drop(row, DropReason::filter);
    }
  }

 private:
  void add(Batch& batch, Row row, size_t metric) {
    Arena& arena = batch.arena();
    const Row child = batch.append_child(row);  // invalidates references to events
    const Event& parent = batch[row];
    Event& event = batch[child];
    event.root() = deep_copy(arena, parent.root());
    event.metadata() = deep_copy(arena, parent.metadata());
    for (const FieldRef& field : metrics_) event.erase(field);
    (void)event.set(name_field_, Value::string(names_[metric]));
    (void)event.set(value_field_, deep_copy(arena, *parent.find(metrics_[metric])));
  }

  std::vector<FieldRef> metrics_;
  std::vector<std::string> names_;  // as written; events view them
  FieldRef name_field_, value_field_;
  bool drop_original_;
};

}  // namespace

FilterPlugin metricize_filter() {
  return {{"metricize", "Makes an event of each of an event's numbers.", kOptions},
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Filter>> {
            return std::unique_ptr<Filter>(std::make_unique<Metricize>(settings));
          }};
}

}  // namespace penstock
