// mutate: renames, replaces, converts and reshapes fields.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin mutate_filter();

}  // namespace penstock
