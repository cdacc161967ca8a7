// YAML nodes as JSON texts: plain scalars are null, booleans and numbers where they look like that,
// quoted ones are strings. Start-up only; may throw yaml-cpp's exceptions.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>

#include "pipeline/rehearsal/flat.h"

namespace penstock {

std::string yaml_to_json(const YAML::Node& node);

// A map as the fields of an event: members that are references ("[a][b]": 1) and nested ones.
Flat yaml_to_flat(const YAML::Node& map);

}  // namespace penstock
