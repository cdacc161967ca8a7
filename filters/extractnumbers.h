// extractnumbers: the numbers in a text.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin extractnumbers_filter();

}  // namespace penstock
