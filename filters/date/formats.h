// The formats of the date filter that are no pattern. Stateless, thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "pipeline/event/date_format.h"

namespace penstock::date {

// What Joda-Time's ISODateTimeFormat.dateTimeParser() takes, and "2026-11-21 10:11:12.345" with an
// optional offset (also with a comma). Precise to the millisecond. Without an offset: in `zone`.
std::optional<Instant> parse_iso8601(std::string_view text, const TimeZone& zone);

// Seconds since 1970, up to 2^31 - 1, with at most three digits of a fraction.
std::optional<Instant> parse_unix(std::string_view text);
std::optional<Instant> parse_unix(int64_t seconds);
std::optional<Instant> parse_unix(double seconds);

// Milliseconds since 1970.
std::optional<Instant> parse_unix_ms(std::string_view text);
Instant of_milliseconds(int64_t milliseconds);

// "@4000000050d506482dbdf024" (https://cr.yp.to/libtai/tai64.html), with or without the @. Ten
// leap seconds are taken off, as Logstash does, whatever the date.
std::optional<Instant> parse_tai64n(std::string_view text);

}  // namespace penstock::date
