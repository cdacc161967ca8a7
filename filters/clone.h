// clone: copies of events.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin clone_filter();

}  // namespace penstock
