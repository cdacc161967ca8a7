// pipeline: takes events that other pipelines of this process send to its address.
#pragma once

#include "pipeline/plugin/input.h"

namespace penstock {

InputPlugin pipeline_input();

}  // namespace penstock
