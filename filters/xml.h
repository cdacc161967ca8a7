// xml: parses a field's XML into fields, and picks parts of it by XPath.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin xml_filter();

}  // namespace penstock
