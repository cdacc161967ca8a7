// Calendar arithmetic and the ISO 8601 text of instants (declared in value.h).
// The day algorithms are Howard Hinnant's, "chrono-Compatible Low-Level Date Algorithms".
#include <fmt/format.h>

#include <limits>

#include "pipeline/event/value.h"

namespace penstock {
namespace {

constexpr int64_t kDay = 86'400;

void put2(char*& at, unsigned number) {
  *at++ = static_cast<char>('0' + number / 10);
  *at++ = static_cast<char>('0' + number % 10);
}

// The part of an instant's text before its time of day.
struct DayText {
  int64_t days = std::numeric_limits<int64_t>::min();
  uint32_t size = 0;
  char text[24] = {};

  void set(int64_t day) {
    days = day;
    const CivilDate date = civil_from_days(day);
    char* at = text;
    if (date.year >= 0 && date.year <= 9999) [[likely]] {
      put2(at, static_cast<unsigned>(date.year / 100));
      put2(at, static_cast<unsigned>(date.year % 100));
    } else {
      at = fmt::format_to(at, "{}{:04}", date.year < 0 ? "-" : "+",
                          date.year < 0 ? -date.year : date.year);
    }
    *at++ = '-';
    put2(at, date.month);
    *at++ = '-';
    put2(at, date.day);
    *at++ = 'T';
    size = static_cast<uint32_t>(at - text);
  }
};

// Reads exactly `count` digits.
bool digits(std::string_view& text, size_t count, unsigned& out) {
  if (text.size() < count) return false;
  out = 0;
  for (size_t i = 0; i < count; ++i) {
    const unsigned digit = static_cast<unsigned char>(text[i]) - '0';
    if (digit > 9) return false;
    out = out * 10 + digit;
  }
  text.remove_prefix(count);
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

unsigned days_in_month(int64_t year, unsigned month) {
  constexpr unsigned kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// "Z", "+02:00", "+0200", "+02"; nothing means UTC. Leaves `text` empty when well-formed.
bool read_offset(std::string_view& text, int64_t& seconds) {
  seconds = 0;
  if (text.empty() || take(text, 'Z') || take(text, 'z')) return text.empty();
  const bool minus = text[0] == '-';
  if (!minus && text[0] != '+') return false;
  text.remove_prefix(1);
  unsigned hours = 0, minutes = 0;
  if (!digits(text, 2, hours)) return false;
  if (!text.empty()) {
    take(text, ':');
    if (!digits(text, 2, minutes)) return false;
  }
  seconds = (int64_t{hours} * 3600 + minutes * 60) * (minus ? -1 : 1);
  return text.empty() && hours < 24 && minutes < 60;
}

bool read_fraction(std::string_view& text, uint32_t& nanoseconds) {
  nanoseconds = 0;
  uint32_t scale = 100'000'000;
  size_t count = 0;
  for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++count) {
    nanoseconds += static_cast<uint32_t>(text[0] - '0') * scale;
    scale /= 10;
  }
  return count > 0;
}

}  // namespace

int64_t days_from_civil(int64_t year, unsigned month, unsigned day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month + (month > 2 ? -3U : 9U)) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + static_cast<int64_t>(day_of_era) - 719'468;
}

CivilDate civil_from_days(int64_t days) {
  days += 719'468;
  const int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146'097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted = (5 * day_of_year + 2) / 153;
  const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {static_cast<int64_t>(year_of_era) + era * 400 + (month <= 2), month,
          day_of_year - (153 * shifted + 2) / 5 + 1};
}

size_t format_instant(Instant instant, char* out) {
  int64_t days = instant.seconds / kDay, rest = instant.seconds % kDay;
  if (rest < 0) {
    rest += kDay;
    --days;
  }
  // Events that follow each other are of one day.
  static thread_local DayText today;
  if (today.days != days) [[unlikely]]
    today.set(days);
  std::memcpy(out, today.text, sizeof today.text);
  char* at = out + today.size;
  const auto second = static_cast<unsigned>(rest);
  put2(at, second / 3600);
  *at++ = ':';
  put2(at, second / 60 % 60);
  *at++ = ':';
  put2(at, second % 60);
  *at++ = '.';
  // Three, six or nine digits: as many groups of three as it takes.
  const uint32_t nano = instant.nanoseconds;
  const int digit_count = nano % 1'000'000 == 0 ? 3 : nano % 1000 == 0 ? 6 : 9;
  uint32_t scale = 100'000'000;
  for (int i = 0; i < digit_count; ++i, scale /= 10)
    *at++ = static_cast<char>('0' + nano / scale % 10);
  *at++ = 'Z';
  return static_cast<size_t>(at - out);
}

std::optional<Instant> parse_instant(std::string_view text) {
  unsigned year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  if (!digits(text, 4, year) || !take(text, '-') || !digits(text, 2, month) || !take(text, '-') ||
      !digits(text, 2, day))
    return std::nullopt;
  if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return std::nullopt;
  uint32_t nanoseconds = 0;
  int64_t offset = 0;
  if (!text.empty()) {
    if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
    if (!digits(text, 2, hour) || !take(text, ':') || !digits(text, 2, minute)) return std::nullopt;
    if (take(text, ':') && !digits(text, 2, second)) return std::nullopt;
    if ((take(text, '.') || take(text, ',')) && !read_fraction(text, nanoseconds))
      return std::nullopt;
    if (!read_offset(text, offset)) return std::nullopt;
  }
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const int64_t days = days_from_civil(year, month, day);
  return Instant{days * kDay + hour * 3600 + minute * 60 + second - offset, nanoseconds};
}

}  // namespace penstock
