// threat: recognizes attacks and security events in what a log says, and tags them.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin threat_filter();

}  // namespace penstock
