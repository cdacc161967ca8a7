// grok: takes text apart with named patterns.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin grok_filter();

}  // namespace penstock
