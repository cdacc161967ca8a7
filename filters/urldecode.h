// urldecode: %41 becomes A, in a field or in all of them.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin urldecode_filter();

}  // namespace penstock
