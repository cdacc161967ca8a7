// fingerprint: a hash of fields, as an id or for pseudonyms.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin fingerprint_filter();

}  // namespace penstock
