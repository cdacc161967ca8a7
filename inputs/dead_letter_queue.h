// dead_letter_queue: the events of a pipeline's dead letters, to be mended and stored.
#pragma once

#include "pipeline/plugin/input.h"

namespace penstock {

InputPlugin dead_letter_queue_input();

}  // namespace penstock
