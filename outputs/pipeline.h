// pipeline: hands events to other pipelines of this process.
#pragma once

#include "pipeline/plugin/output.h"

namespace penstock {

OutputPlugin pipeline_output();

}  // namespace penstock
