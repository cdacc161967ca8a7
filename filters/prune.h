// prune: removes top-level fields whose names or values do or don't match expressions.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin prune_filter();

}  // namespace penstock
