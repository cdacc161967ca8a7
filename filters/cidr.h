// cidr: lets the common options act on events whose address lies in a network.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin cidr_filter();

}  // namespace penstock
