// pii: finds personal data and secrets in events and masks, hashes, shortens, removes or tags them.
// The detectors are in filters/pii/; this is the filter around them.
#pragma once

#include <string>
#include <string_view>

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin pii_filter();

// `text` with everything that the default detectors find masked: for Penstock's own log
// (log::set_scrubber) and for reasons in the dead-letter queue. Any bytes; thread-safe.
std::string scrub_text(std::string_view text);

}  // namespace penstock
