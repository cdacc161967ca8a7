// range: tags, marks or drops events by whether a number, or a text's length, lies in a range.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin range_filter();

}  // namespace penstock
