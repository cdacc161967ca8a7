// drop: ends events without an output. Counted in the ledger as dropped by a filter.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin drop_filter();

}  // namespace penstock
