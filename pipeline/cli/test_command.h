// `penstock test PATH...`: runs the `*.test` files there (docs/TESTING_CONFIGS.md).
#pragma once

#include <string>
#include <vector>

#include "pipeline/plugin/registry.h"

namespace penstock {

int test_command(const std::vector<std::string>& arguments, const Registry& registry);

}  // namespace penstock
