// The list of filters in this binary.
#pragma once

#include <span>

#include "pipeline/plugin/filter.h"

namespace penstock {

#define FILTER(name) FilterPlugin name##_filter();
#include "filters/filters.def"
#undef FILTER

std::span<const FilterPlugin> all_filters();

}  // namespace penstock
