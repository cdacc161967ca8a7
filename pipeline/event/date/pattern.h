// A date pattern as the steps that print and parse it. For pipeline/event and filters/date.
//
// Two languages of letters end here: Joda-Time's (Logstash's `date` filter and %{+...}) and
// java.time's (%{{...}}). Where they differ the step says so; the rest is shared.
//   https://www.joda.org/joda-time/apidocs/org/joda/time/format/DateTimeFormat.html
//   https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/time/format/DateTimeFormatter.html
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/result.h"
#include "pipeline/event/date/names.h"
#include "pipeline/event/date_format.h"
#include "pipeline/event/value.h"

namespace penstock::date {

// In the order in which Joda-Time applies what it parsed: by the range of the field, then by its
// unit, largest first. Parsing relies on it.
enum class Field : uint8_t {
  era,
  century_of_era,
  year,
  year_of_era,
  weekyear,
  month,
  week,  // of the weekyear
  day_of_year,
  day_of_month,
  day_of_week,
  halfday,
  hour,            // 0..23
  clockhour,       // 1..24
  half_hour,       // 0..11
  half_clockhour,  // 1..12
  minute,
  second,
  nanosecond,  // of the second, from a fraction
  // Printed only.
  quarter,
  week_of_month,
  month_week_day,  // which such weekday of the month
  milli_of_day,
  nano_of_day,
  epoch_second,
};
inline constexpr size_t kParsedFields = static_cast<size_t>(Field::nanosecond) + 1;

struct Step {
  enum class Kind : uint8_t {
    literal,    // text
    number,     // field, printed with at least `min` digits, parsed with at most `max`
    two_digit,  // a year of two digits around a pivot; `lenient`: other lengths too
    name,       // of `field`; `width`
    fraction,   // of the second: `min` digits printed, `max` parsed
    offset,     // +0200; `colon`, `zulu` text for zero
    zone_id,    // Europe/Berlin
    zone_name,  // CET
  };
  Kind kind = Kind::literal;
  Field field = Field::year;
  Width width = Width::abbreviated;
  uint8_t min = 1;
  uint8_t max = 9;
  bool lenient = false;
  bool sign = false;  // java.time: a '+' before a year longer than its pattern
  bool colon = false;
  bool seconds = false;           // of an offset, when it has any
  bool minutes_optional = false;  // of an offset: "+02"
  uint8_t pad = 0;                // java.time: pad with blanks to this width
  std::string text;               // literal; offset: the text for zero, "" = none
};

struct Pattern {
  std::vector<Step> steps;
  const Locale* locale = nullptr;
  bool has_year = false;
  bool has_zone = false;
};

Result<Pattern> compile_joda(std::string_view text, const Locale& locale);
Result<Pattern> compile_java(std::string_view text, const Locale& locale);

// A moment in a zone, taken apart on demand.
struct Fields {
  Fields(Instant instant, int32_t offset);
  int64_t get(Field field) const;

  Instant instant;
  int32_t offset;
  int64_t days;            // local, since 1970-01-01
  uint32_t second_of_day;  // local
  CivilDate date;
};

// Calendar facts.
bool is_leap(int64_t year);
unsigned month_length(int64_t year, unsigned month);
unsigned weekday(int64_t days);               // 1 = Monday .. 7
int64_t first_day_of_weekyear(int64_t year);  // the Monday of ISO week 1
struct IsoWeek {
  int64_t year;
  unsigned week;
};
IsoWeek iso_week(int64_t days);

}  // namespace penstock::date
