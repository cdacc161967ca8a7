// `penstock compat PATH...`: what becomes of Logstash configurations here. docs/CLI.md has the exit
// codes.
#pragma once

#include <string>
#include <vector>

#include "pipeline/plugin/registry.h"

namespace penstock {

inline constexpr int kExitDiffers = 3;      // all of it works, in part a little differently
inline constexpr int kExitAlters = 4;       // something would mean something else, silently
inline constexpr int kExitUnsupported = 5;  // something isn't there

int compat_command(const std::vector<std::string>& arguments, const Registry& registry);

}  // namespace penstock
