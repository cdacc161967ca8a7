// file: writes events to files, named by the events if need be.
#pragma once

#include "pipeline/plugin/output.h"

namespace penstock {

OutputPlugin file_output();

}  // namespace penstock
