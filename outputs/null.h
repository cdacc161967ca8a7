// null: takes every event and forgets it. For measuring what comes before it.
#pragma once

#include "pipeline/plugin/output.h"

namespace penstock {

OutputPlugin null_output();

}  // namespace penstock
