// metrics: counts events and measures fields, and makes an event of the figures every few seconds.
// The figures are those of all workers together.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin metrics_filter();

}  // namespace penstock
