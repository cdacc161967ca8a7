#include "pipeline/csv/convert.h"

#include <algorithm>
#include <array>

#include "pipeline/base/text.h"
#include "pipeline/event/ruby_numbers.h"

namespace penstock::csv {
namespace {

constexpr int64_t kDay = 86'400;
constexpr std::string_view kSpace = " \t\r\n\f\v";

// Reads a text from its front; a failed take leaves it as it was.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  std::optional<int64_t> digits(size_t least, size_t most) {
    size_t count = 0;
    int64_t value = 0;
    for (; count < most && count < rest_.size() && is_digit(rest_[count]); ++count)
      value = value * 10 + (rest_[count] - '0');
    if (count < least) return std::nullopt;
    rest_.remove_prefix(count);
    return value;
  }
  std::string_view word() {
    size_t count = 0;
    while (count < rest_.size() && is_word(rest_[count])) ++count;
    const std::string_view out = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return out;
  }
  bool letter(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool space() {
    const size_t count = std::min(rest_.find_first_not_of(kSpace), rest_.size());
    rest_.remove_prefix(count);
    return count > 0;
  }
  // ".123456789": nanoseconds; further digits are left out.
  uint32_t fraction() {
    uint32_t out = 0, unit = 100'000'000;
    while (!rest_.empty() && is_digit(rest_[0])) {
      out += static_cast<uint32_t>(rest_[0] - '0') * unit;
      unit /= 10;
      rest_.remove_prefix(1);
    }
    return out;
  }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

 private:
  static bool is_word(char c) {
    return is_digit(c) || c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z');
  }
  std::string_view rest_;
};

// 1 to 12 for a name or its first three letters.
unsigned month_of(std::string_view name) {
  constexpr std::array<std::string_view, 12> kMonths = {
      "january", "february", "march",     "april",   "may",      "june",
      "july",    "august",   "september", "october", "november", "december"};
  for (unsigned i = 0; i < kMonths.size(); ++i)
    if (equals_ignore_case(name, kMonths[i]) || equals_ignore_case(name, kMonths[i].substr(0, 3)))
      return i + 1;
  return 0;
}

struct Parts {
  int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offset = 0;
  uint32_t nanoseconds = 0;
};

std::optional<Instant> instant_of(const Parts& parts) {
  if (parts.month < 1 || parts.month > 12 || parts.day < 1 || parts.day > 31) return std::nullopt;
  if (parts.hour > 23 || parts.minute > 59 || parts.second > 59) return std::nullopt;
  const auto month = static_cast<unsigned>(parts.month), day = static_cast<unsigned>(parts.day);
  const int64_t days = days_from_civil(parts.year, month, day);
  if (civil_from_days(days).day != day) return std::nullopt;  // February 30
  const int64_t seconds = parts.hour * 3600 + parts.minute * 60 + parts.second - parts.offset;
  return Instant{days * kDay + seconds, parts.nanoseconds};
}

bool take_time(Reader& text, Parts& out, size_t least) {
  const auto hour = text.digits(least, 2);
  const auto minute = hour && text.letter(':') ? text.digits(least, 2) : std::nullopt;
  if (!minute) return false;
  out.hour = *hour;
  out.minute = *minute;
  return true;
}

bool take_seconds(Reader& text, Parts& out, size_t least) {
  if (!text.letter(':')) return false;
  const auto second = text.digits(least, 2);
  if (second) out.second = *second;
  return second.has_value();
}

bool take_offset(Reader& text, Parts& out) {
  if (text.letter('Z')) return true;
  const bool minus = text.letter('-');
  if (!minus && !text.letter('+')) return true;
  const auto hours = text.digits(2, 2);
  if (!hours) return false;
  const auto minutes = text.letter(':') ? text.digits(2, 2) : std::optional<int64_t>(0);
  if (!minutes) return false;
  out.offset = (*hours * 3600 + *minutes * 60) * (minus ? -1 : 1);
  return true;
}

// 2017-06-01, with `with_time` also what may follow: T or white space, a time, an offset.
std::optional<Parts> read_iso(std::string_view from, bool with_time) {
  Reader text(from);
  Parts out;
  const auto year = text.digits(4, 4);
  const auto month = year && text.letter('-') ? text.digits(2, 2) : std::nullopt;
  const auto day = month && text.letter('-') ? text.digits(2, 2) : std::nullopt;
  if (!day) return std::nullopt;
  out.year = *year, out.month = *month, out.day = *day;
  if (text.done()) return out;
  if (!with_time || !(text.letter('T') || text.space()) || !take_time(text, out, 2))
    return std::nullopt;
  if (text.done()) return out;
  if (!take_seconds(text, out, 2)) return std::nullopt;
  if (text.letter('.')) out.nanoseconds = text.fraction();
  if (!take_offset(text, out) || !text.done()) return std::nullopt;
  return out;
}

// [Thu, ]Jun 1[,] 2017; with `with_time` the time stands before the year: Jun 1 04:05:06 2017.
std::optional<Parts> read_english(std::string_view from, bool with_time) {
  Reader text(from);
  Parts out;
  std::string_view month = text.word();
  text.letter(',');
  if (!text.space()) return std::nullopt;
  auto day = text.digits(1, 2);
  if (!day) {
    month = text.word();
    day = text.space() ? text.digits(1, 2) : std::nullopt;
  }
  if (!day) return std::nullopt;
  if (with_time && !(text.space() && take_time(text, out, 1) && take_seconds(text, out, 1)))
    return std::nullopt;
  text.letter(',');
  if (!text.space()) return std::nullopt;
  const auto year = text.digits(2, 4);
  if (!year || !text.done()) return std::nullopt;
  out.month = month_of(month);
  out.day = *day;
  out.year = *year < 69 ? *year + 2000 : *year < 100 ? *year + 1900 : *year;
  return out;
}

Value date_of(const Value& value, bool with_time, const TimeZone& zone) {
  auto parts = read_iso(value.view(), with_time);
  if (!parts) parts = read_english(value.view(), with_time);
  auto instant = parts ? instant_of(*parts) : std::nullopt;
  if (!instant) return value;
  if (!with_time) instant->seconds = zone.to_utc(instant->seconds);
  return Value::timestamp(*instant);
}

Value boolean_of(const Value& value) {
  const std::string_view text = trim(value.view());
  if (equals_ignore_case(text, "true")) return Value::boolean(true);
  if (equals_ignore_case(text, "false")) return Value::boolean(false);
  return value;
}

}  // namespace

std::optional<Type> type_of(std::string_view name) {
  if (name == "integer") return Type::integer;
  if (name == "float") return Type::real;
  if (name == "date") return Type::date;
  if (name == "date_time") return Type::date_time;
  if (name == "boolean") return Type::boolean;
  return std::nullopt;
}

Value convert(const Value& value, Type type, const TimeZone& zone, Arena& arena) {
  switch (type) {
    case Type::integer:
      return strict_integer(value.view(), arena).value_or(value);
    case Type::real: {
      const auto real = strict_real(value.view());
      return real ? Value::of_real(*real) : value;
    }
    case Type::date:
    case Type::date_time:
      return date_of(value, type == Type::date_time, zone);
    case Type::boolean:
      return boolean_of(value);
    case Type::text:
      break;
  }
  return value;
}

}  // namespace penstock::csv
