// uuid: a random identifier (RFC 9562, version 4) for each event.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin uuid_filter();

}  // namespace penstock
