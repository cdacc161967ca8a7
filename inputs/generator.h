// generator: made-up events, for trying a pipeline out and for measuring it.
#pragma once

#include "pipeline/plugin/input.h"

namespace penstock {

InputPlugin generator_input();

}  // namespace penstock
