// ISO 8601 as Joda-Time's grammar has it (ISODateTimeFormat.dateTimeParser):
//
//   text   = 'T' time [offset] | date ['T' [time] [offset]]
//   date   = yyyy ['-' MM ['-' dd]] | xxxx '-W' ww ['-' e] | yyyy '-' DDD    (the longest match)
//   time   = HH [':' mm [':' ss]], the last of them with an optional fraction after '.' or ','
//   offset = 'Z' | ('+' | '-') HH [':' mm [':' ss [fraction]]]
//
// Numbers may have fewer digits, years up to nine and a sign.
#include "filters/date/formats.h"

#include <cmath>
#include <limits>

#include "pipeline/base/text.h"
#include "pipeline/event/date/parse.h"

namespace penstock::date {
namespace {

constexpr int64_t kDay = 86'400;
constexpr int64_t kSecond = 1'000'000'000;  // nanoseconds
constexpr int64_t kUnixMax = std::numeric_limits<int32_t>::max();

bool take(std::string_view& rest, char c) {
  if (rest.empty() || rest[0] != c) return false;
  rest.remove_prefix(1);
  return true;
}

bool in(int64_t value, int64_t low, int64_t high) { return value >= low && value <= high; }

// "-MM" or the like: a separator and a number; nothing is taken when it isn't there.
bool take_number(std::string_view& rest, std::string_view separator, size_t digits,
                 int64_t& value) {
  if (!rest.starts_with(separator)) return false;
  std::string_view ahead = rest.substr(separator.size());
  if (!read_number(ahead, digits, false, value)) return false;
  rest = ahead;
  return true;
}

// Each way to write a date: how much it takes, and the day; empty when a number is out of range.
struct Date {
  std::string_view rest;
  std::optional<int64_t> days;
};

std::optional<int64_t> day_of(int64_t year, int64_t month, int64_t day) {
  if (!in(month, 1, 12) || !in(day, 1, month_length(year, static_cast<unsigned>(month))))
    return std::nullopt;
  return days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
}

Date month_date(std::string_view rest, int64_t year) {
  int64_t month = 1, day = 1;
  if (take_number(rest, "-", 2, month)) take_number(rest, "-", 2, day);
  return {rest, day_of(year, month, day)};
}

std::optional<Date> week_date(std::string_view rest, int64_t year) {
  int64_t week = 1, day = 1;
  if (!take_number(rest, "-W", 2, week)) return std::nullopt;
  take_number(rest, "-", 1, day);
  const int64_t monday = first_day_of_weekyear(year);
  const int64_t weeks = (first_day_of_weekyear(year + 1) - monday) / 7;
  if (!in(week, 1, weeks) || !in(day, 1, 7)) return Date{rest, std::nullopt};
  return Date{rest, monday + (week - 1) * 7 + day - 1};
}

std::optional<Date> ordinal_date(std::string_view rest, int64_t year) {
  int64_t day = 1;
  if (!take_number(rest, "-", 3, day)) return std::nullopt;
  if (!in(day, 1, is_leap(year) ? 366 : 365)) return Date{rest, std::nullopt};
  return Date{rest, days_from_civil(year, 1, 1) + day - 1};
}

std::optional<Date> any_date(std::string_view text) {
  int64_t year = 0;
  if (!read_number(text, 9, true, year) || !in(year, -292'000'000, 292'000'000))
    return std::nullopt;
  Date best = month_date(text, year);
  for (const auto& other : {week_date(text, year), ordinal_date(text, year)})
    if (other && other->rest.size() < best.rest.size()) best = *other;
  if (!best.days) return std::nullopt;
  return best;
}

struct Time {
  int64_t second = 0;
  int64_t nanosecond = 0;
};

// A fraction of a unit of `seconds`, when it is there.
bool take_fraction(std::string_view& rest, int64_t seconds, Time& time) {
  if (rest.size() < 2 || (rest[0] != '.' && rest[0] != ',')) return false;
  std::string_view ahead = rest.substr(1);
  int64_t nanoseconds = 0;
  if (!read_fraction(ahead, 9, seconds * kSecond, nanoseconds)) return false;
  rest = ahead;
  time.second += nanoseconds / kSecond;
  time.nanosecond = nanoseconds % kSecond;
  return true;
}

// Nothing when there is no time; out of range is -1 seconds.
bool take_time(std::string_view& rest, Time& time) {
  int64_t hour = 0, minute = 0, second = 0;
  if (!read_number(rest, 2, false, hour)) return false;
  time.second = hour * 3600;
  if (take_number(rest, ":", 2, minute)) {
    time.second += minute * 60;
    if (take_number(rest, ":", 2, second)) {
      time.second += second;
      take_fraction(rest, 1, time);
    } else {
      take_fraction(rest, 60, time);
    }
  } else {
    take_fraction(rest, 3600, time);
  }
  if (!in(hour, 0, 23) || !in(minute, 0, 59) || !in(second, 0, 59)) time.second = -1;
  return true;
}

std::optional<Instant> at_local(int64_t days, const Time& time, const TimeZone& zone,
                                std::optional<int32_t> offset) {
  if (time.second < 0) return std::nullopt;
  const int64_t local = days * kDay + time.second;
  const auto seconds = offset ? std::optional(local - *offset) : zone.to_utc_strict(local);
  if (!seconds) return std::nullopt;
  // Joda-Time knows milliseconds.
  return Instant{*seconds, static_cast<uint32_t>(time.nanosecond - time.nanosecond % 1'000'000)};
}

// The end of the text: nothing, or an offset.
bool take_end(std::string_view rest, std::optional<int32_t>& offset) {
  if (rest.empty()) return true;
  int32_t seconds = 0;
  if (!read_offset(rest, true, seconds) || !rest.empty()) return false;
  offset = seconds;
  return true;
}

std::optional<Instant> parse_standard(std::string_view text, const TimeZone& zone) {
  const bool only_time = !text.empty() && (text[0] | 32) == 't';
  int64_t days = 0;
  if (!only_time) {
    const auto date = any_date(text);
    if (!date) return std::nullopt;
    days = *date->days;
    text = date->rest;
  }
  Time time;
  std::optional<int32_t> offset;
  if (!text.empty()) {
    if (!take(text, 'T') && !take(text, 't')) return std::nullopt;
    const bool has_time = take_time(text, time);
    if (!has_time && only_time) return std::nullopt;
    if (!take_end(text, offset)) return std::nullopt;
  }
  return at_local(days, time, zone, offset);
}

// "yyyy-MM-dd HH:mm:ss.SSS", with a comma too, an offset optional.
std::optional<Instant> parse_spaced(std::string_view text, const TimeZone& zone) {
  int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!read_number(text, 9, true, year) || !take_number(text, "-", 2, month) ||
      !take_number(text, "-", 2, day) || !take_number(text, " ", 2, hour) ||
      !take_number(text, ":", 2, minute) || !take_number(text, ":", 2, second))
    return std::nullopt;
  if (!in(year, -292'000'000, 292'000'000) || !in(hour, 0, 23) || !in(minute, 0, 59) ||
      !in(second, 0, 59))
    return std::nullopt;
  const auto days = day_of(year, month, day);
  Time time{hour * 3600 + minute * 60 + second};
  if (!days || (!take(text, '.') && !take(text, ','))) return std::nullopt;
  std::optional<int32_t> offset;
  if (!read_fraction(text, 3, kSecond, time.nanosecond) || !take_end(text, offset))
    return std::nullopt;
  return at_local(*days, time, zone, offset);
}

// Two digits at `at`; above 99 when they aren't.
unsigned two(const char* at) {
  const unsigned tens = static_cast<unsigned char>(at[0]) - '0';
  const unsigned ones = static_cast<unsigned char>(at[1]) - '0';
  return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

// "2026-11-21T10:11:12[.123][Z]", which is what nearly all logs have. Empty: let the grammar say.
std::optional<Instant> parse_plain(std::string_view text, const TimeZone& zone) {
  if (text.size() < 19) return std::nullopt;
  const char* at = text.data();
  if (at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' || at[16] != ':')
    return std::nullopt;
  const unsigned century = two(at), year_of_century = two(at + 2), month = two(at + 5),
                 day = two(at + 8), hour = two(at + 11), minute = two(at + 14),
                 second = two(at + 17);
  if (century > 99 || year_of_century > 99 || month - 1 > 11 || hour > 23 || minute > 59 ||
      second > 59)
    return std::nullopt;
  const int64_t year = century * 100 + year_of_century;
  if (day == 0 || day > month_length(year, month)) return std::nullopt;
  Time time{static_cast<int64_t>(hour * 3600 + minute * 60 + second)};
  text.remove_prefix(19);
  take_fraction(text, 1, time);
  std::optional<int32_t> offset;
  if (!take_end(text, offset)) return std::nullopt;
  return at_local(days_from_civil(year, month, day), time, zone, offset);
}

std::optional<int64_t> hexadecimal(std::string_view text) {
  int64_t value = 0;
  for (const char c : text) {
    const int digit = c >= '0' && c <= '9'                 ? c - '0'
                      : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                           : -1;
    if (digit < 0 || value >= int64_t{1} << 59) return std::nullopt;
    value = value * 16 + digit;
  }
  return value;
}

}  // namespace

std::optional<Instant> parse_iso8601(std::string_view text, const TimeZone& zone) {
  if (const auto plain = parse_plain(text, zone)) return plain;
  if (const auto standard = parse_standard(text, zone)) return standard;
  return parse_spaced(text, zone);
}

std::optional<Instant> parse_unix(std::string_view text) {
  const size_t dot = text.find('.');
  const auto seconds = parse_integer(text.substr(0, dot));
  if (!seconds || *seconds > kUnixMax || *seconds < -kUnixMax * 1000) return std::nullopt;
  if (dot == text.npos) return Instant{*seconds, 0};
  std::string_view fraction = text.substr(dot + 1, 3);
  int64_t nanoseconds = 0;
  if (!read_fraction(fraction, 3, kSecond, nanoseconds) || !fraction.empty()) return std::nullopt;
  return Instant{*seconds, static_cast<uint32_t>(nanoseconds)};
}

std::optional<Instant> parse_unix(int64_t seconds) {
  if (seconds > kUnixMax || seconds < -kUnixMax * 1000) return std::nullopt;
  return Instant{seconds, 0};
}

std::optional<Instant> parse_unix(double seconds) {
  if (!(std::abs(seconds) < static_cast<double>(kUnixMax) + 1)) return std::nullopt;
  return of_milliseconds(static_cast<int64_t>(seconds * 1000));
}

Instant of_milliseconds(int64_t milliseconds) {
  const int64_t seconds = milliseconds / 1000 - (milliseconds % 1000 < 0);
  return {seconds, static_cast<uint32_t>(milliseconds - seconds * 1000) * 1'000'000};
}

std::optional<Instant> parse_unix_ms(std::string_view text) {
  const auto milliseconds = parse_integer(text);
  if (!milliseconds) return std::nullopt;
  return of_milliseconds(*milliseconds);
}

std::optional<Instant> parse_tai64n(std::string_view text) {
  if (text.starts_with('@')) text.remove_prefix(1);
  if (text.size() < 24) return std::nullopt;
  const auto seconds = hexadecimal(text.substr(0, 16));
  const auto nanoseconds = hexadecimal(text.substr(16, 8));
  if (!seconds || !nanoseconds || *nanoseconds >= kSecond) return std::nullopt;
  constexpr int64_t kEpoch = int64_t{1} << 62;
  constexpr int64_t kLeapSeconds = 10;
  return Instant{(*seconds & (kEpoch - 1)) - kLeapSeconds,
                 static_cast<uint32_t>(*nanoseconds - *nanoseconds % 1'000'000)};
}

}  // namespace penstock::date
