// udp: each datagram is a record.
#pragma once

#include "pipeline/plugin/input.h"

namespace penstock {

InputPlugin udp_input();

}  // namespace penstock
