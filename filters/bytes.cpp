#include "filters/bytes.h"

#include <cmath>

#include "filters/support/prepared_field.h"
#include "filters/support/set_field.h"
#include "pipeline/base/regex.h"
#include "pipeline/base/text.h"

#include <fmt/format.h>

namespace penstock {
namespace {

constexpr std::string_view kMethods[] = {"binary", "metric"};
constexpr std::string_view kSeparators[] = {".", ","};

constexpr Option kOptions[] = {
    {"source", OptionType::field, "message", "The field with the size, like `5.3 GB`."},
    {"target", OptionType::field, "", "The field that takes the number of bytes.", true},
    {"conversion_method", OptionType::choice, "binary",
     "Whether a kilobyte has 1024 bytes (binary) or 1000 (metric).", false, kMethods},
    {"decimal_separator", OptionType::choice, "\".\"",
     "What stands before the fraction; the others of `_ , .` and blanks part groups of digits.",
     false, kSeparators},
    {"tag_on_failure", OptionType::strings, "[\"_bytesparsefailure\"]",
     "Tags of an event whose field has no size."},
};

constexpr std::string_view kUnits = "kmgtpe";

class ByteCount : public Filter {
 public:
  ByteCount(const Settings& settings, std::shared_ptr<const Regex> regex)
      : source_(settings.field("source")),
        target_(settings.field("target").text()),
        base_(settings.string("conversion_method") == "binary" ? 1024 : 1000),
        point_(settings.string("decimal_separator")[0]),
        tags_(settings.strings("tag_on_failure")),
        regex_(std::move(regex)) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      Event& event = batch[row];
      const Value* source = static_cast<const Event&>(event).find(source_);
      const auto size = source && source->is_string() ? parse(source->view(), event.arena())
                                                      : std::optional<Value>();
      if (size && target_.set(event, *size))
        matched.push_back(row);
      else
        tag_all(event, tags_);
    }
  }

 private:
  std::optional<Value> parse(std::string_view text, Arena& arena) {
    if (regex_->search(trim(text), match_) != Regex::Outcome::match) return std::nullopt;
    number_.clear();
    size_t points = 0;
    const std::string_view digits = match_.group(1).value_or("");
    for (const char c : digits) {
      if (c == point_) {
        ++points;
        number_ += '.';
      } else if (c >= '0' && c <= '9') {
        number_ += c;
      }
    }
    if (points > 1 || number_.empty()) return std::nullopt;
    if (number_.back() == '.') number_.pop_back();
    double size = parse_real(number_.insert(0, 1, '0')).value_or(0);
    const std::string_view unit = match_.group(2).value_or("");
    if (!unit.empty())
      size *= std::pow(base_, static_cast<int>(kUnits.find(static_cast<char>(unit[0] | 32))) + 1);
    return rounded(size, arena);
  }

  static std::optional<Value> rounded(double size, Arena& arena) {
    size = std::round(size);
    if (!std::isfinite(size)) return std::nullopt;
    if (size < 9.2e18) return Value::of_integer(static_cast<int64_t>(size));
    return Value::raw_number(arena.copy(fmt::format("{:.0f}", size)), false);
  }

  FieldRef source_;
  PreparedField target_;
  double base_;
  char point_;
  std::vector<std::string> tags_;
  std::shared_ptr<const Regex> regex_;
  Regex::Match match_;
  std::string number_;
};

}  // namespace

FilterPlugin bytes_filter() {
  return {{"bytes", "Turns a size with a unit into a number of bytes.", kOptions},
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Filter>> {
            TRY(auto regex, Regex::compile("^([0-9 _,.]*)\\s*([kKmMgGtTpPeE]?)([bB]?)$"));
            return std::unique_ptr<Filter>(std::make_unique<ByteCount>(settings, std::move(regex)));
          }};
}

}  // namespace penstock
