#include "filters/ruby/calendar.h"

namespace penstock::ruby {

Calendar calendar_of(const TimeBox& time) {
  const int64_t local = time.seconds + time.offset;
  const int64_t days = local >= 0 ? local / 86400 : -((86399 - local) / 86400);
  const int of_day = static_cast<int>(local - days * 86400);
  const CivilDate date = civil_from_days(days);
  Calendar out{};
  out.year = date.year;
  out.month = static_cast<int>(date.month);
  out.day = static_cast<int>(date.day);
  out.hour = of_day / 3600;
  out.minute = of_day / 60 % 60;
  out.second = of_day % 60;
  out.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
  out.yearday = static_cast<int>(days - days_from_civil(date.year, 1, 1)) + 1;
  return out;
}

int64_t seconds_of(int64_t year, int month, int day, int hour, int minute, int second) {
  const int64_t days =
      days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
  return days * 86400 + hour * 3600 + minute * 60 + second;
}

}  // namespace penstock::ruby
