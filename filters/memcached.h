// memcached: refused, with what to use instead.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin memcached_filter();

}  // namespace penstock
