// elapsed: the time between two events, a start and an end with the same identifier. Starts are
// kept for all workers together.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin elapsed_filter();

}  // namespace penstock
