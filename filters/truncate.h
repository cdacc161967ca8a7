// truncate: cuts texts to a number of bytes, never within a character.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin truncate_filter();

}  // namespace penstock
