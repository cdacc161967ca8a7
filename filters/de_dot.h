// de_dot: takes the dots out of field names.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin de_dot_filter();

}  // namespace penstock
