// kv: parses `key=value` pairs.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin kv_filter();

}  // namespace penstock
