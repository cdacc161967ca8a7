// sleep: holds the worker up on purpose. For tests and for slowing a pipeline down.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin sleep_filter();

}  // namespace penstock
