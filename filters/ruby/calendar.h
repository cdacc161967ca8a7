// Ruby's strftime and strptime over the days and seconds of a TimeBox. Stateless.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "filters/ruby/state.h"

namespace penstock::ruby {

inline constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
inline constexpr std::array<std::string_view, 7> kDays = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

// A time as people read it, in its own offset.
struct Calendar {
  int64_t year;
  int month, day;  // from 1
  int hour, minute, second;
  int weekday;  // 0 Sunday
  int yearday;  // from 1
};
Calendar calendar_of(const TimeBox& time);
int64_t seconds_of(int64_t year, int month, int day, int hour, int minute, int second);

// "UTC", or the zone's abbreviation on this machine.
void strftime(const TimeBox& time, std::string_view format, std::string_view zone_name,
              std::string& out);

struct ParsedTime {
  TimeBox time;
  bool has_offset;  // otherwise the time is local, and time.seconds as if it were UTC
  bool has_date;
};
// What Time.strptime and DateTime.strptime read; empty when the text doesn't fit.
std::optional<ParsedTime> strptime(std::string_view text, std::string_view format, int64_t now);

}  // namespace penstock::ruby
