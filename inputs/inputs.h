// The list of inputs in this binary.
#pragma once

#include <span>

#include "pipeline/plugin/input.h"

namespace penstock {

#define INPUT(name) InputPlugin name##_input();
#include "inputs/inputs.def"
#undef INPUT

std::span<const InputPlugin> all_inputs();

}  // namespace penstock
