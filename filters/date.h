// date: parses a field's text or number into a timestamp.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin date_filter();

}  // namespace penstock
