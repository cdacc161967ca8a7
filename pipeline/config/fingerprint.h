// A configuration as a text that is the same for the same meaning, wherever it stands in the file:
// two plugins or trees with equal texts do the same. For telling what a reload has to change; holds
// secrets, so it is never shown. Stateless.
#pragma once

#include <string>

#include "pipeline/config/ast.h"

namespace penstock {

std::string fingerprint(const PluginNode& node);
std::string fingerprint(const ConfigTree& tree);

}  // namespace penstock
