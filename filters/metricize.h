// metricize: an event with several numbers becomes several events with one each.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin metricize_filter();

}  // namespace penstock
