// Date patterns: Joda-Time's and java.time's pattern letters, compiled once, to print and to parse
// instants. Immutable, thread-safe.
//   https://www.joda.org/joda-time/apidocs/org/joda/time/format/DateTimeFormat.html
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/base/clock.h"
#include "pipeline/base/result.h"

namespace penstock {

// A time zone: UTC, a fixed offset ("+02:00"), or a name of the tz database ("Europe/Berlin"),
// read from the system's zoneinfo files. Immutable; shared.
class TimeZone {
 public:
  static Result<std::shared_ptr<const TimeZone>> find(std::string_view name);
  static std::shared_ptr<const TimeZone> utc();
  // Of this machine: $TZ, else what /etc/localtime points to, else UTC.
  static std::shared_ptr<const TimeZone> local();
  // The zone with the longest name that `text` begins with, and that name's length; null when none.
  static std::shared_ptr<const TimeZone> find_prefix(std::string_view text, size_t& length);
  virtual ~TimeZone() = default;
  virtual int32_t offset_at(int64_t utc_seconds) const = 0;  // seconds east of UTC
  // For a local time that is skipped or doubled by a change of offset, as Joda-Time does it: the
  // earlier of two instants; nothing in a gap.
  std::optional<int64_t> to_utc_strict(int64_t local_seconds) const;
  // The same, but a time in a gap moves by the gap's width.
  virtual int64_t to_utc(int64_t local_seconds) const = 0;
  virtual std::string_view id() const = 0;
  virtual std::string_view name_at(int64_t utc_seconds) const = 0;  // "CET", "CEST"
};

enum class DateSyntax : uint8_t { joda, java };

class DateFormat {
 public:
  static Result<DateFormat> compile(std::string_view pattern, DateSyntax syntax,
                                    std::string_view locale = "en");
  DateFormat(DateFormat&&) noexcept;
  DateFormat& operator=(DateFormat&&) noexcept;
  ~DateFormat();

  void append(Instant instant, const TimeZone& zone, std::string& out) const;

  // The whole of `text`, or nothing. Fields that the pattern lacks come from `defaults` (the year)
  // or are their smallest values, as in Joda-Time. An offset in the text beats `zone`.
  struct Parsed {
    Instant instant;
    bool has_year;
  };
  std::optional<Parsed> parse(std::string_view text, const TimeZone& zone,
                              int64_t default_year) const;

  // The coarsest unit whose change changes the output, in seconds (1, 60, 3600, 86400), so that
  // callers can cache a date printed in UTC; 0 when it changes within a second.
  int64_t granularity_seconds() const;

  bool has_year() const;
  // Whether the text carries its offset or zone.
  bool has_zone() const;

 private:
  struct Impl;
  explicit DateFormat(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
