// bytes: a size with a unit, like 5.3 GB, to a number.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin bytes_filter();

}  // namespace penstock
