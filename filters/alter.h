// alter: replaces values under conditions.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin alter_filter();

}  // namespace penstock
