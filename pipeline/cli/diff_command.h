// `penstock diff OLD NEW --sample FILE`: what a change of configuration would change in events.
#pragma once

#include <string>
#include <vector>

#include "pipeline/plugin/registry.h"

namespace penstock {

int diff_command(const std::vector<std::string>& arguments, const Registry& registry);

}  // namespace penstock
