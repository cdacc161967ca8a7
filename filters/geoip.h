// geoip: what a database knows about an IP address.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin geoip_filter();

}  // namespace penstock
