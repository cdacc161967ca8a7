// throttle: marks events of which there are too few or too many within a time, by a key. The
// counters are shared by all workers.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin throttle_filter();

}  // namespace penstock
