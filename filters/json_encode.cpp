#include "filters/json_encode.h"

#include "filters/support/prepared_field.h"
#include "pipeline/event/json_writer.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"source", OptionType::field, "", "The field whose value is written as JSON.", true},
    {"target", OptionType::field, "",
     "The field that takes the JSON text. Unset: the source, whose value is replaced."},
};

constexpr std::string_view kFailureTag = "_jsongeneratefailure";

class JsonEncode : public Filter {
 public:
  explicit JsonEncode(const Settings& settings)
      : source_(settings.field("source")),
        target_((settings.has("target") ? settings.field("target") : source_).text()) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      Event& event = batch[row];
      const Value* source = static_cast<const Event&>(event).find(source_);
      text_.clear();
      write_json(source ? *source : Value::null(), text_);
      if (target_.set(event, event.string(text_.view())))
        matched.push_back(row);
      else
        event.tag(kFailureTag);
    }
  }

 private:
  FieldRef source_;
  PreparedField target_;
  ByteBuffer text_;
};

}  // namespace

FilterPlugin json_encode_filter() {
  return {{"json_encode", "Writes a field's value as JSON text.", kOptions},
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Filter>> {
            return std::unique_ptr<Filter>(std::make_unique<JsonEncode>(settings));
          }};
}

}  // namespace penstock
