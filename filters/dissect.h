// dissect: takes a text apart at delimiters.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin dissect_filter();

}  // namespace penstock
