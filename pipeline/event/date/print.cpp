#include "pipeline/event/date/print.h"

#include <algorithm>
#include <charconv>

namespace penstock::date {
namespace {

void append_number(int64_t value, size_t min, std::string& out) {
  if (value >= 0 && value < 100 && min <= 2) [[likely]] {
    if (value >= 10 || min == 2) out += static_cast<char>('0' + value / 10);
    out += static_cast<char>('0' + value % 10);
    return;
  }
  char digits[24];
  const uint64_t size =
      value < 0 ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  const auto end = std::to_chars(digits, digits + sizeof digits, size).ptr;
  const auto count = static_cast<size_t>(end - digits);
  if (value < 0) out += '-';
  if (count < min) out.append(min - count, '0');
  out.append(digits, count);
}

void append_fraction(uint32_t nanoseconds, size_t digits, std::string& out) {
  for (size_t i = 0; i < digits; ++i) {
    out += static_cast<char>('0' + nanoseconds / 100'000'000);
    nanoseconds = nanoseconds % 100'000'000 * 10;
  }
}

std::string_view name(const Step& step, const Fields& fields, const Locale& locale) {
  const auto at = static_cast<size_t>(fields.get(step.field));
  const bool full = step.width == Width::full;
  switch (step.field) {
    case Field::month:
      return full ? locale.months_full[at - 1] : locale.months_abbreviated[at - 1];
    case Field::day_of_week:
      return full ? locale.days_full[at - 1] : locale.days_abbreviated[at - 1];
    case Field::halfday:
      return locale.halfdays[at];
    case Field::era:
      return full ? locale.eras_full[at] : locale.eras_abbreviated[at];
    case Field::quarter: {
      constexpr std::string_view kFull[] = {"1st quarter", "2nd quarter", "3rd quarter",
                                            "4th quarter"};
      constexpr std::string_view kShort[] = {"Q1", "Q2", "Q3", "Q4"};
      return full ? kFull[at - 1] : kShort[at - 1];
    }
    default:
      return {};
  }
}

// The first character of a name.
std::string_view initial(std::string_view text) {
  size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
  return text.substr(0, size);
}

void append_year(const Step& step, int64_t year, std::string& out) {
  if (step.sign && year > 9999 && step.min == 4) out += '+';
  append_number(year, step.min, out);
}

void append_offset(const Step& step, int32_t offset, std::string& out) {
  const bool localized = step.text == "GMT";  // "GMT", "GMT+2", "GMT+02:00"
  if (offset == 0 && !step.text.empty()) {
    // Not Joda-Time, which prints digits.
    out += step.text;
    return;
  }
  if (localized) out += "GMT";
  out += offset < 0 ? '-' : '+';
  const auto size = static_cast<uint32_t>(std::abs(offset));
  const uint32_t minutes = size / 60 % 60, seconds = size % 60;
  append_number(size / 3600, localized && step.width != Width::full ? 1 : 2, out);
  if (minutes == 0 && seconds == 0 &&
      (step.minutes_optional || (localized && step.width != Width::full)))
    return;
  if (step.colon) out += ':';
  append_number(minutes, 2, out);
  if (step.seconds && seconds != 0) {
    if (step.colon) out += ':';
    append_number(seconds, 2, out);
  }
}

void print_step(const Step& step, const Fields& fields, const Locale& locale, const TimeZone& zone,
                std::string& out) {
  switch (step.kind) {
    case Step::Kind::literal:
      out += step.text;
      return;
    case Step::Kind::number:
      return append_year(step, fields.get(step.field), out);
    case Step::Kind::two_digit: {
      const int64_t year = fields.get(step.field) % 100;
      return append_number(year < 0 ? -year : year, 2, out);
    }
    case Step::Kind::name: {
      const std::string_view text = name(step, fields, locale);
      out += step.width == Width::narrow ? initial(text) : text;
      return;
    }
    case Step::Kind::fraction:
      return append_fraction(fields.instant.nanoseconds, step.min, out);
    case Step::Kind::offset:
      return append_offset(step, fields.offset, out);
    case Step::Kind::zone_id:
      out += zone.id();
      return;
    case Step::Kind::zone_name:
      out += zone.name_at(fields.instant.seconds);
      return;
  }
}

}  // namespace

void print(const Pattern& pattern, Instant instant, const TimeZone& zone, std::string& out) {
  const Fields fields(instant, zone.offset_at(instant.seconds));
  for (const Step& step : pattern.steps) {
    const size_t from = out.size();
    print_step(step, fields, *pattern.locale, zone, out);
    if (step.pad > out.size() - from) out.insert(from, step.pad - (out.size() - from), ' ');
  }
}

int64_t granularity_seconds(const Pattern& pattern) {
  int64_t seconds = 86'400;
  for (const Step& step : pattern.steps) {
    switch (step.kind) {
      case Step::Kind::fraction:
        return 0;
      case Step::Kind::offset:
      case Step::Kind::zone_name:
        seconds = std::min<int64_t>(seconds, 60);  // a zone's rules may change at any minute
        break;
      case Step::Kind::number:
      case Step::Kind::name:
        if (step.field == Field::nanosecond || step.field == Field::milli_of_day ||
            step.field == Field::nano_of_day)
          return 0;
        if (step.field == Field::second) seconds = 1;
        if (step.field == Field::minute) seconds = std::min<int64_t>(seconds, 60);
        if (step.field >= Field::halfday && step.field <= Field::half_clockhour)
          seconds = std::min<int64_t>(seconds, 3600);
        break;
      default:
        break;
    }
  }
  return seconds;
}

}  // namespace penstock::date
