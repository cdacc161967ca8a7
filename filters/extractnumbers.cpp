#include "filters/extractnumbers.h"

#include <algorithm>
#include <cstdio>

#include "pipeline/event/ruby_numbers.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"source", OptionType::field, "message", "The field with the text; of an array the first."},
};

constexpr std::string_view kSpace = " \t\n\v\f\r";

// Numbers of one text; further ones are left out, so that a text can't make fields without end.
constexpr int kNumbersMax = 10'000;

class ExtractNumbers : public Filter {
 public:
  explicit ExtractNumbers(FieldRef source) : source_(std::move(source)) {}

  // As in the original no event counts as matched, so the common options never run.
  void apply(Batch& batch, Rows rows, std::vector<Row>&) override {
    for (const Row row : rows) {
      Event& event = batch[row];
      const Value* source = static_cast<const Event&>(event).find(source_);
      if (source && source->is_array()) source = source->size ? source->items : nullptr;
      if (source && source->is_string()) extract(source->view(), event);
    }
  }

 private:
  static void extract(std::string_view text, Event& event) {
    int integers = 0, reals = 0;
    for (size_t at = 0; (at = text.find_first_not_of(kSpace, at)) != text.npos;) {
      const size_t end = std::min(text.find_first_of(kSpace, at), text.size());
      const std::string_view word = text.substr(at, end - at);
      at = end;
      if (integers + reals >= kNumbersMax) return;
      if (!may_be_number(word)) continue;
      if (const auto integer = strict_integer(word, event.arena()))
        set("int", ++integers, *integer, event);
      else if (const auto real = strict_real(word))
        set("float", ++reals, Value::of_real(*real), event);
    }
  }

  static bool may_be_number(std::string_view word) {
    const char c = word[0] == '-' || word[0] == '+' ? word[word.size() > 1] : word[0];
    return c == '.' || (c >= '0' && c <= '9');
  }

  static void set(const char* prefix, int number, const Value& value, Event& event) {
    char name[24];
    const int size = std::snprintf(name, sizeof name, "%s%d", prefix, number);
    const Name copied(event.arena().copy({name, static_cast<size_t>(size)}));
    object_set(event.arena(), event.root(), copied, value);
  }

  FieldRef source_;
};

}  // namespace

FilterPlugin extractnumbers_filter() {
  return {
      {"extractnumbers", "Makes fields of the numbers in a text.", kOptions},
      [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Filter>> {
        return std::unique_ptr<Filter>(std::make_unique<ExtractNumbers>(settings.field("source")));
      }};
}

}  // namespace penstock
