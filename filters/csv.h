// csv: parses a line of separated values.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin csv_filter();

}  // namespace penstock
