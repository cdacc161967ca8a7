// json_encode: a field's value as JSON text.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin json_encode_filter();

}  // namespace penstock
