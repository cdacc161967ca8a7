// file: follows files as they grow, or reads them once.
#pragma once

#include "pipeline/plugin/input.h"

namespace penstock {

InputPlugin file_input();

}  // namespace penstock
