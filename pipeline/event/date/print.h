// Instants as text, by a compiled pattern. For pipeline/event and filters/date. Thread-safe.
#pragma once

#include "pipeline/event/date/pattern.h"

namespace penstock::date {

void print(const Pattern& pattern, Instant instant, const TimeZone& zone, std::string& out);

// See DateFormat::granularity_seconds().
int64_t granularity_seconds(const Pattern& pattern);

}  // namespace penstock::date
