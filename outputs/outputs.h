// The list of outputs in this binary.
#pragma once

#include <span>

#include "pipeline/plugin/output.h"

namespace penstock {

#define OUTPUT(name) OutputPlugin name##_output();
#include "outputs/outputs.def"
#undef OUTPUT

std::span<const OutputPlugin> all_outputs();

}  // namespace penstock
