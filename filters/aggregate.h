// aggregate: gathers what several events of one task say in a map, with the user's Ruby.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin aggregate_filter();

}  // namespace penstock
