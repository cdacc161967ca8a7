// split: one event for each part of a text or item of a list. The parts are new events, counted as
// created; the event that was split is dropped.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin split_filter();

}  // namespace penstock
