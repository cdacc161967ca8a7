// tld: takes a host name apart by the Public Suffix List: example.co.uk is registered under co.uk.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin tld_filter();

}  // namespace penstock
