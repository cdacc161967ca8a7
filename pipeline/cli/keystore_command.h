// penstock keystore create|add|list|remove|has-passwd: secrets for ${KEY}. Main thread.
#pragma once

#include <string>
#include <vector>

namespace penstock {

// Gives the exit code: 0; 1 when something failed, or `has-passwd` says no; 2 for bad usage.
int keystore_command(const std::vector<std::string>& arguments);

}  // namespace penstock
