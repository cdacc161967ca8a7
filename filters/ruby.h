// ruby: runs the user's Ruby over each event, in an interpreter of its own per worker.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin ruby_filter();

}  // namespace penstock
