// environment: environment variables into [@metadata].
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin environment_filter();

}  // namespace penstock
