// useragent: browser, operating system and device out of a User-Agent header.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin useragent_filter();

}  // namespace penstock
