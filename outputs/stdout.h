// stdout: writes events to standard output, a batch at a time.
#pragma once

#include "pipeline/plugin/output.h"

namespace penstock {

OutputPlugin stdout_output();

}  // namespace penstock
