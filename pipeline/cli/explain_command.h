// `penstock explain -f CONF --event JSON`: what each step does to one event.
#pragma once

#include <string>
#include <vector>

#include "pipeline/plugin/registry.h"

namespace penstock {

int explain_command(const std::vector<std::string>& arguments, const Registry& registry);

}  // namespace penstock
