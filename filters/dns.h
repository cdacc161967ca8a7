// dns: host names to addresses and back, for all events of a batch at once.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin dns_filter();

}  // namespace penstock
