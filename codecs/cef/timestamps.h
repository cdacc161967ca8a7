// The times of CEF: milliseconds since 1970, or "Jul 19 2017 10:50:21.127 CEST" with year, fraction
// and zone left out at will. One per decoder.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/event/date_format.h"

namespace penstock::cef {

class Timestamps {
 public:
  // `zone` of times that name none, and whose device names none; "" for the machine's.
  static Result<std::unique_ptr<Timestamps>> make(const std::string& zone,
                                                  const std::string& locale);

  // Empty when it is none, or the device's zone is unknown. `device_zone` may be "". `now` tells
  // the year where the text doesn't: the last one in which the time isn't more than two days ahead.
  std::optional<Instant> parse(std::string_view text, std::string_view device_zone, Instant now);

 private:
  using Zone = std::shared_ptr<const TimeZone>;
  std::optional<Instant> parse_date(std::string_view text, const TimeZone& zone, Instant now);
  std::optional<Instant> in_a_recent_year(const DateFormat& format, bool has_year,
                                          const TimeZone& zone, Instant now) const;
  const TimeZone* zone_named(std::string_view name);

  Zone zone_;
  std::vector<DateFormat> formats_;  // by shape: with a year or not, with a zone or not
  std::string plain_;                // the text without its fraction
  std::string last_name_;            // of a zone that was looked up
  Zone last_zone_;                   // null when there is none of that name
};

}  // namespace penstock::cef
