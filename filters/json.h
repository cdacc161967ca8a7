// json: parses a field's JSON text into the event.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin json_filter();

}  // namespace penstock
