// anonymize: replaces fields by keyed hashes of them.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin anonymize_filter();

}  // namespace penstock
