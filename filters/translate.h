// translate: looks a field's value up in a dictionary, given in the configuration or in a file
// that is read again when it changes.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin translate_filter();

}  // namespace penstock
