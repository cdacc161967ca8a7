// Ruby in the options of a filter: its text with its place, its bounds. Start-up only.
#pragma once

#include <string_view>

#include "filters/ruby/interpreter.h"
#include "pipeline/config/settings.h"
#include "pipeline/plugin/context.h"

namespace penstock::ruby {

// The text of a string option, and the place of its first character in the user's file.
Source source_of(const Settings& settings, std::string_view option);

// From `time_limit` and `memory_limit`, and the context's clock.
Options options_of(const Settings& settings, const Context& context);

// An error of Interpreter::make, with the option's place when it has none of its own.
Error placed(const Error& error, const Settings& settings, std::string_view option);

}  // namespace penstock::ruby
