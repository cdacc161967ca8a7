#include "pipeline/event/date/pattern.h"

namespace penstock::date {
namespace {

constexpr int64_t kDay = 86'400;

int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

}  // namespace

bool is_leap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

unsigned month_length(int64_t year, unsigned month) {
  constexpr uint8_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

unsigned weekday(int64_t days) {
  const int64_t from_monday = (days + 3) % 7;  // 1970-01-01 was a Thursday
  return static_cast<unsigned>(from_monday < 0 ? from_monday + 7 : from_monday) + 1;
}

int64_t first_day_of_weekyear(int64_t year) {
  const int64_t fourth = days_from_civil(year, 1, 4);  // always in week 1
  return fourth - (weekday(fourth) - 1);
}

IsoWeek iso_week(int64_t days) {
  // The week belongs to the year that its Thursday is in.
  const int64_t year = civil_from_days(days - (weekday(days) - 1) + 3).year;
  return {year, static_cast<unsigned>((days - first_day_of_weekyear(year)) / 7) + 1};
}

Fields::Fields(Instant at, int32_t offset_seconds)
    : instant(at),
      offset(offset_seconds),
      days(floor_div(at.seconds + offset_seconds, kDay)),
      second_of_day(static_cast<uint32_t>(at.seconds + offset_seconds - days * kDay)),
      date(civil_from_days(days)) {}

int64_t Fields::get(Field field) const {
  const int64_t year_of_era = date.year > 0 ? date.year : 1 - date.year;
  const uint32_t hour = second_of_day / 3600;
  switch (field) {
    case Field::era:
      return date.year > 0;
    case Field::century_of_era:
      return year_of_era / 100;
    case Field::year:
      return date.year;
    case Field::year_of_era:
      return year_of_era;
    case Field::weekyear:
      return iso_week(days).year;
    case Field::month:
      return date.month;
    case Field::quarter:
      return (date.month + 2) / 3;
    case Field::week:
      return iso_week(days).week;
    case Field::week_of_month: {
      // As for years: the first week with four days of the month is week 1.
      const unsigned first = weekday(days - date.day + 1);
      return (date.day + first - 2) / 7 + (first <= 4);
    }
    case Field::month_week_day:
      return (date.day - 1) / 7 + 1;
    case Field::day_of_year:
      return days - days_from_civil(date.year, 1, 1) + 1;
    case Field::day_of_month:
      return date.day;
    case Field::day_of_week:
      return weekday(days);
    case Field::halfday:
      return hour / 12;
    case Field::hour:
      return hour;
    case Field::clockhour:
      return hour == 0 ? 24 : hour;
    case Field::half_hour:
      return hour % 12;
    case Field::half_clockhour:
      return hour % 12 == 0 ? 12 : hour % 12;
    case Field::minute:
      return second_of_day / 60 % 60;
    case Field::second:
      return second_of_day % 60;
    case Field::nanosecond:
      return instant.nanoseconds;
    case Field::milli_of_day:
      return int64_t{second_of_day} * 1000 + instant.nanoseconds / 1'000'000;
    case Field::nano_of_day:
      return int64_t{second_of_day} * 1'000'000'000 + instant.nanoseconds;
    case Field::epoch_second:
      return instant.seconds;
  }
  return 0;
}

}  // namespace penstock::date
