// `penstock plugins [NAME]`: what this binary can do, from the plugins' own declarations.
#pragma once

#include <string>

#include "pipeline/plugin/registry.h"

namespace penstock {

// All plugins by kind, a line each.
std::string list_plugins(const Registry& registry);
// Every plugin called `name`, with its options; "" when there is none.
std::string describe_plugin(const Registry& registry, std::string_view name);

}  // namespace penstock
