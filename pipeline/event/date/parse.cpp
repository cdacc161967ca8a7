// How Joda-Time makes an instant of parsed fields: they are sorted by what they are part of, from
// the largest down, and each in turn sets its part of a local time that begins at 1970-01-01 and
// clears everything smaller; then all are set once more, so that a weekday that contradicts the
// day of the month moves the date within its week. compose() does just that; simple() gives the
// same result at once for the usual fields.
#include "pipeline/event/date/parse.h"

#include <algorithm>
#include <chrono>

namespace penstock::date {
namespace {

constexpr int64_t kDay = 86'400;
constexpr int64_t kYearMax = 292'000'000;
constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Case mapping of ASCII and of the Latin-1 letters in UTF-8, which is what our names consist of.
std::string mapped(std::string_view text, bool upper) {
  std::string out(text);
  for (size_t i = 0; i < out.size(); ++i) {
    const auto byte = static_cast<unsigned char>(out[i]);
    const bool accented = i > 0 && static_cast<unsigned char>(out[i - 1]) == 0xC3;
    const bool is_lower =
        accented ? byte >= 0xA0 && byte <= 0xBE && byte != 0xB7 : byte >= 'a' && byte <= 'z';
    const bool is_upper =
        accented ? byte >= 0x80 && byte <= 0x9E && byte != 0x97 : byte >= 'A' && byte <= 'Z';
    if (upper ? is_lower : is_upper) out[i] = static_cast<char>(byte ^ 0x20);
  }
  return out;
}

struct Named {
  std::string_view name;
  std::string_view zone;
  int32_t offset;  // when the system has no zone files
};
// The abbreviations that Joda-Time understands in any locale.
constexpr Named kZoneNames[] = {
    {"UTC", "UTC", 0},
    {"GMT", "UTC", 0},
    {"UT", "UTC", 0},
    {"EST", "America/New_York", -5},
    {"EDT", "America/New_York", -4},
    {"CST", "America/Chicago", -6},
    {"CDT", "America/Chicago", -5},
    {"MST", "America/Denver", -7},
    {"MDT", "America/Denver", -6},
    {"PST", "America/Los_Angeles", -8},
    {"PDT", "America/Los_Angeles", -7},
};

int64_t current_year() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return civil_from_days(std::chrono::duration_cast<std::chrono::hours>(now).count() / 24).year;
}

bool equal_ignore_case(char a, char b) {
  const auto fold = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; };
  return a == b || fold(a) == fold(b);
}

bool take_literal(std::string_view& rest, std::string_view literal) {
  if (rest.size() < literal.size()) return false;
  for (size_t i = 0; i < literal.size(); ++i)
    if (!equal_ignore_case(rest[i], literal[i])) return false;
  rest.remove_prefix(literal.size());
  return true;
}

bool two_digits(std::string_view& rest, int32_t max, int32_t& value) {
  if (rest.size() < 2 || !is_digit(rest[0]) || !is_digit(rest[1])) return false;
  value = (rest[0] - '0') * 10 + (rest[1] - '0');
  rest.remove_prefix(2);
  return value <= max;
}

// What follows the hours of an offset. Digits without colons, or colons throughout; it may stop
// before any part.
bool read_offset_rest(std::string_view& rest, int32_t& seconds) {
  const bool colons = !rest.empty() && rest[0] == ':';
  int32_t part = 0;
  for (const int32_t unit : {60, 1}) {
    if (colons ? rest.empty() || rest[0] != ':' : rest.empty() || !is_digit(rest[0])) return true;
    if (colons) rest.remove_prefix(1);
    if (!two_digits(rest, 59, part)) return false;
    seconds += part * unit;
  }
  // Fractions of a second of an offset are read and mean nothing to us.
  if (colons ? rest.empty() || (rest[0] != '.' && rest[0] != ',')
             : rest.empty() || !is_digit(rest[0]))
    return true;
  if (colons) rest.remove_prefix(1);
  size_t count = 0;
  while (count < 3 && count < rest.size() && is_digit(rest[count])) ++count;
  rest.remove_prefix(count);
  return count > 0;
}

}  // namespace

bool read_number(std::string_view& rest, size_t digits_max, bool with_sign, int64_t& value) {
  const bool minus = with_sign && !rest.empty() && rest[0] == '-';
  const bool sign = minus || (with_sign && !rest.empty() && rest[0] == '+');
  size_t at = sign;
  const size_t end = std::min(rest.size(), digits_max + sign);
  value = 0;
  while (at < end && is_digit(rest[at])) value = value * 10 + (rest[at++] - '0');
  if (at == static_cast<size_t>(sign)) return false;
  if (minus) value = -value;
  rest.remove_prefix(at);
  return true;
}

bool read_fraction(std::string_view& rest, size_t digits_max, int64_t unit_nanoseconds,
                   int64_t& nanoseconds) {
  const size_t end = std::min(rest.size(), digits_max);
  size_t at = 0;
  nanoseconds = 0;
  for (int64_t scale = unit_nanoseconds / 10; at < end && is_digit(rest[at]); scale /= 10)
    nanoseconds += (rest[at++] - '0') * scale;
  rest.remove_prefix(at);
  return at > 0;
}

bool read_offset(std::string_view& rest, bool zulu, int32_t& seconds) {
  seconds = 0;
  if (zulu && !rest.empty() && (rest[0] | 32) == 'z') {
    rest.remove_prefix(1);
    return true;
  }
  if (rest.size() < 3 || (rest[0] != '+' && rest[0] != '-')) return false;
  const bool minus = rest[0] == '-';
  rest.remove_prefix(1);
  int32_t hours = 0;
  if (!two_digits(rest, 23, hours)) return false;
  seconds = hours * 3600;
  if (!read_offset_rest(rest, seconds)) return false;
  if (minus) seconds = -seconds;
  return true;
}

NameTable::NameTable(Field field, const Locale& locale) {
  const auto add = [&](std::string_view name, size_t number) {
    for (const std::string& spelling : {std::string(name), mapped(name, false), mapped(name, true)})
      spellings_.push_back({spelling, static_cast<uint32_t>(number)});
  };
  const auto add_all = [&](const auto& names, size_t first) {
    for (size_t i = 0; i < names.size(); ++i) add(names[i], i + first);
  };
  if (field == Field::month) {
    add_all(locale.months_full, 1);
    add_all(locale.months_abbreviated, 1);
  } else if (field == Field::day_of_week) {
    add_all(locale.days_full, 1);
    add_all(locale.days_abbreviated, 1);
  } else if (field == Field::halfday) {
    add_all(locale.halfdays, 0);
  } else if (field == Field::era) {
    add_all(locale.eras_full, 0);
    add_all(locale.eras_abbreviated, 0);
    add("BCE", 0);
    add("CE", 1);
  }
  std::sort(spellings_.begin(), spellings_.end(), [](const Spelling& a, const Spelling& b) {
    if (a.text[0] != b.text[0])
      return static_cast<unsigned char>(a.text[0]) < static_cast<unsigned char>(b.text[0]);
    return a.text.size() > b.text.size();
  });
  for (size_t byte = 0; byte <= 256; ++byte)
    first_[byte] =
        static_cast<uint16_t>(std::find_if(spellings_.begin(), spellings_.end(),
                                           [&](const Spelling& s) {
                                             return static_cast<unsigned char>(s.text[0]) >= byte;
                                           }) -
                              spellings_.begin());
}

NameTable::Found NameTable::find(std::string_view text) const {
  if (text.empty()) return {};
  const auto byte = static_cast<unsigned char>(text[0]);
  for (size_t i = first_[byte]; i < first_[byte + 1]; ++i)
    if (text.starts_with(spellings_[i].text))
      return {spellings_[i].number, spellings_[i].text.size()};
  return {};
}

// What was read.
struct Parser::Bucket {
  std::array<int64_t, kParsedFields> values;
  uint32_t present = 0;  // a bit per field
  bool has_offset = false;
  int32_t offset = 0;
  const TimeZone* zone = nullptr;
  std::shared_ptr<const TimeZone> zone_kept;

  static constexpr uint32_t bit(Field field) { return 1U << static_cast<unsigned>(field); }
  bool has(Field field) const { return present & bit(field); }
  void save(Field field, int64_t value) {
    values[static_cast<size_t>(field)] = value;
    present |= bit(field);
  }
  int64_t get(Field field, int64_t otherwise) const {
    return has(field) ? values[static_cast<size_t>(field)] : otherwise;
  }
};

namespace {

struct LocalTime {
  int64_t days = 0;
  int64_t second = 0;
  int64_t nanosecond = 0;
  bool before_christ = false;

  CivilDate date() const { return civil_from_days(days); }
  void set_date(int64_t year, unsigned month, unsigned day) {
    days = days_from_civil(year, month, std::min(day, month_length(year, month)));
  }
  void clear_time(int64_t from) {  // keeps whole multiples of `from` seconds
    second -= second % from;
    nanosecond = 0;
  }
};

bool in(int64_t value, int64_t low, int64_t high) { return value >= low && value <= high; }

bool set_year(LocalTime& time, int64_t year, bool reset) {
  if (!in(year, -kYearMax, kYearMax)) return false;
  const CivilDate date = time.date();
  time.set_date(year, reset ? 1 : date.month, reset ? 1 : date.day);
  if (reset) time.clear_time(kDay);
  return true;
}

bool set_day(LocalTime& time, int64_t days, bool reset) {
  time.days = days;
  if (reset) time.clear_time(kDay);
  return true;
}

bool set_date_field(LocalTime& time, Field field, int64_t value, bool reset) {
  const CivilDate date = time.date();
  switch (field) {
    case Field::era:
      time.before_christ = value == 0;
      return true;
    case Field::century_of_era:
      return in(value, 0, kYearMax / 100) && set_year(time, value * 100, reset);
    case Field::year:
      return set_year(time, value, reset);
    case Field::year_of_era:
      return value >= 1 && set_year(time, time.before_christ ? 1 - value : value, reset);
    case Field::weekyear: {
      if (!in(value, -kYearMax, kYearMax)) return false;
      const int64_t monday = first_day_of_weekyear(value);
      if (reset) return set_day(time, monday, true);
      const IsoWeek week = iso_week(time.days);
      return set_day(time, monday + (week.week - 1) * 7 + weekday(time.days) - 1, false);
    }
    case Field::month:
      if (!in(value, 1, 12)) return false;
      time.set_date(date.year, static_cast<unsigned>(value), reset ? 1 : date.day);
      return set_day(time, time.days, reset);
    case Field::week: {
      const IsoWeek week = iso_week(time.days);
      const int64_t weeks =
          (first_day_of_weekyear(week.year + 1) - first_day_of_weekyear(week.year)) / 7;
      if (!in(value, 1, weeks)) return false;
      const int64_t days = time.days + (value - week.week) * 7;
      return set_day(time, reset ? days - (weekday(days) - 1) : days, reset);
    }
    case Field::day_of_year:
      if (!in(value, 1, is_leap(date.year) ? 366 : 365)) return false;
      return set_day(time, days_from_civil(date.year, 1, 1) + value - 1, reset);
    case Field::day_of_month:
      if (!in(value, 1, month_length(date.year, date.month))) return false;
      return set_day(time, time.days + value - date.day, reset);
    case Field::day_of_week:
      if (!in(value, 1, 7)) return false;
      return set_day(time, time.days + value - weekday(time.days), reset);
    default:
      return false;
  }
}

bool set_hour(LocalTime& time, int64_t hour, bool reset) {
  time.second = time.second % 3600 + hour * 3600;
  if (reset) time.clear_time(3600);
  return true;
}

bool set_time_field(LocalTime& time, Field field, int64_t value, bool reset) {
  const int64_t half = time.second / 43'200;
  switch (field) {
    case Field::halfday:
      time.second = time.second % 43'200 + value * 43'200;
      if (reset) time.clear_time(43'200);
      return true;
    case Field::hour:
      return in(value, 0, 23) && set_hour(time, value, reset);
    case Field::clockhour:
      return in(value, 1, 24) && set_hour(time, value % 24, reset);
    case Field::half_hour:
      return in(value, 0, 11) && set_hour(time, half * 12 + value, reset);
    case Field::half_clockhour:
      return in(value, 1, 12) && set_hour(time, half * 12 + value % 12, reset);
    case Field::minute:
      if (!in(value, 0, 59)) return false;
      time.second += (value - time.second / 60 % 60) * 60;
      if (reset) time.clear_time(60);
      return true;
    case Field::second:
      if (!in(value, 0, 59)) return false;
      time.second += value - time.second % 60;
      if (reset) time.nanosecond = 0;
      return true;
    default:
      time.nanosecond = value;
      return true;
  }
}

bool set_field(LocalTime& time, Field field, int64_t value, bool reset) {
  return field < Field::halfday ? set_date_field(time, field, value, reset)
                                : set_time_field(time, field, value, reset);
}

template <class Bucket>
bool compose(const Bucket& bucket, LocalTime& time) {
  for (const bool again : {false, true}) {
    for (uint32_t left = bucket.present; left; left &= left - 1) {
      const auto field = static_cast<Field>(__builtin_ctz(left));
      const bool last = (left & (left - 1)) == 0;
      if (!set_field(time, field, bucket.get(field, 0), !again || last)) return false;
    }
  }
  return true;
}

// The fields of most logs; anything else needs compose().
template <class Bucket>
bool is_simple(const Bucket& bucket) {
  constexpr uint32_t kSimple = Bucket::bit(Field::year) | Bucket::bit(Field::month) |
                               Bucket::bit(Field::day_of_month) | Bucket::bit(Field::day_of_week) |
                               Bucket::bit(Field::hour) | Bucket::bit(Field::minute) |
                               Bucket::bit(Field::second) | Bucket::bit(Field::nanosecond);
  return (bucket.present & ~kSimple) == 0 && bucket.has(Field::year);
}

template <class Bucket>
bool simple(const Bucket& bucket, LocalTime& time) {
  const int64_t year = bucket.get(Field::year, 0), month = bucket.get(Field::month, 1);
  const int64_t day = bucket.get(Field::day_of_month, 1);
  const int64_t hour = bucket.get(Field::hour, 0), minute = bucket.get(Field::minute, 0);
  const int64_t second = bucket.get(Field::second, 0);
  if (!in(year, -kYearMax, kYearMax) || !in(month, 1, 12) || !in(hour, 0, 23) ||
      !in(minute, 0, 59) || !in(second, 0, 59))
    return false;
  if (!in(day, 1, month_length(year, static_cast<unsigned>(month)))) return false;
  time.days = days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
  if (bucket.has(Field::day_of_week))
    time.days += bucket.get(Field::day_of_week, 0) - weekday(time.days);
  time.second = hour * 3600 + minute * 60 + second;
  time.nanosecond = bucket.get(Field::nanosecond, 0);
  return true;
}

}  // namespace

Parser::Parser(const Pattern& pattern) : pattern_(pattern), pivot_year_(current_year() - 30) {
  for (const Step& step : pattern.steps) {
    names_.push_back(step.kind == Step::Kind::name
                         ? std::make_unique<NameTable>(step.field, *pattern.locale)
                         : nullptr);
    if (step.kind != Step::Kind::zone_name || !zones_.empty()) continue;
    for (const Named& named : kZoneNames) {
      auto zone = TimeZone::find(named.zone);
      if (!zone.ok()) {
        const int hours = std::abs(named.offset);
        zone = TimeZone::find(std::string("-0") + static_cast<char>('0' + hours));
      }
      zones_.push_back({named.name, zone.value()});
    }
  }
}

bool Parser::read_step(const Step& step, size_t index, std::string_view& rest,
                       Bucket& bucket) const {
  int64_t value = 0;
  switch (step.kind) {
    case Step::Kind::literal:
      return take_literal(rest, step.text);
    case Step::Kind::number: {
      const bool with_sign = step.field == Field::year || step.field == Field::weekyear;
      if (step.field > Field::nanosecond || !read_number(rest, step.max, with_sign, value))
        return false;
      bucket.save(step.field, value);
      return true;
    }
    case Step::Kind::two_digit: {
      const size_t before = rest.size();
      const bool sign = !rest.empty() && (rest[0] == '-' || rest[0] == '+');
      if (!step.lenient && (rest.size() < 2 || sign)) return false;
      if (!read_number(rest, step.lenient ? 9 : 2, step.lenient, value)) return false;
      const size_t length = before - rest.size();
      if (!step.lenient && length != 2) return false;
      if (length == 2 && !sign) {
        const int64_t low = pivot_year_ - 50;  // the century window is [pivot-50, pivot+49]
        value += low - low % 100 + (value < low % 100 ? 100 : 0);
      }
      bucket.save(step.field, value);
      return true;
    }
    case Step::Kind::name: {
      const NameTable::Found found = names_[index]->find(rest);
      if (found.length == 0) return false;
      rest.remove_prefix(found.length);
      bucket.save(step.field, found.number);
      return true;
    }
    case Step::Kind::fraction:
      if (!read_fraction(rest, step.max, kNanosecondsPerSecond, value)) return false;
      bucket.save(Field::nanosecond, value - value % 1'000'000);  // Joda-Time knows milliseconds
      return true;
    case Step::Kind::offset:
      bucket.has_offset = true;
      return read_offset(rest, true, bucket.offset);
    case Step::Kind::zone_id: {
      size_t length = 0;
      bucket.zone_kept = TimeZone::find_prefix(rest, length);
      bucket.zone = bucket.zone_kept.get();
      rest.remove_prefix(length);
      return bucket.zone != nullptr;
    }
    case Step::Kind::zone_name:
      for (const Zone& zone : zones_) {
        if (!rest.starts_with(zone.name)) continue;
        rest.remove_prefix(zone.name.size());
        bucket.zone = zone.zone.get();
        return true;
      }
      return false;
  }
  return false;
}

bool Parser::read(std::string_view text, Bucket& bucket) const {
  for (size_t i = 0; i < pattern_.steps.size(); ++i)
    if (!read_step(pattern_.steps[i], i, text, bucket)) return false;
  return text.empty();
}

std::optional<DateFormat::Parsed> Parser::parse(std::string_view text, const TimeZone& zone,
                                                int64_t default_year) const {
  Bucket bucket;
  if (!read(text, bucket)) return std::nullopt;
  const uint32_t lowest = bucket.present & (0U - bucket.present);
  // A date without a year gets one; a time of day without a date is in 1970.
  if (bucket.present && lowest >= Bucket::bit(Field::month) &&
      lowest <= Bucket::bit(Field::day_of_week))
    bucket.save(Field::year, default_year);
  // YYYY without an era is a year like any other.
  if (bucket.has(Field::year_of_era) && !bucket.has(Field::year) && !bucket.has(Field::era)) {
    const int64_t year = bucket.get(Field::year_of_era, 0);
    if (year < 1) return std::nullopt;
    bucket.save(Field::year, year);
    bucket.present &= ~Bucket::bit(Field::year_of_era);
  }
  LocalTime time;
  if (!(is_simple(bucket) ? simple(bucket, time) : compose(bucket, time))) return std::nullopt;
  const int64_t local = time.days * kDay + time.second;
  DateFormat::Parsed out{{local - bucket.offset, static_cast<uint32_t>(time.nanosecond)},
                         pattern_.has_year};
  if (!bucket.has_offset) {
    const auto utc = (bucket.zone ? *bucket.zone : zone).to_utc_strict(local);
    if (!utc) return std::nullopt;
    out.instant.seconds = *utc;
  }
  return out;
}

}  // namespace penstock::date
