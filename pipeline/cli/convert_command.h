// `penstock convert filebeat.yml`: the equivalent pipeline, on standard output.
#pragma once

#include <string>
#include <vector>

namespace penstock {

int convert_command(const std::vector<std::string>& arguments);

}  // namespace penstock
