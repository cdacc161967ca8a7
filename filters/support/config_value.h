// Values written in the configuration, as the values of events. Start-up only.
#pragma once

#include "pipeline/config/ast.h"
#include "pipeline/event/value.h"

namespace penstock {

// Texts, numbers, arrays and hashes; the result lies in `arena`. Containers must be copied
// (deep_copy) for each event that gets one.
Value value_of(Arena& arena, const ConfigValue& value);

}  // namespace penstock
