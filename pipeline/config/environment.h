// ${NAME} and ${NAME:default} in the values of a configuration.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "pipeline/base/result.h"

namespace penstock {

// A variable's value; nullptr when it isn't set.
using Environment = std::function<const char*(const std::string& name)>;

// `text` with each ${NAME} replaced. A variable without value and default is an error (without a
// place). Text that only looks similar, such as "${", stays. The result is well-formed UTF-8.
Result<std::string> substitute_environment(std::string_view text, const Environment& environment);

}  // namespace penstock
