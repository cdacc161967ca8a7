// stdin: standard input, a pipe, a file or a terminal; ends at its end.
#pragma once

#include "pipeline/plugin/input.h"

namespace penstock {

InputPlugin stdin_input();

}  // namespace penstock
