// What a value must look like for each OptionType, with Logstash's looseness: a scalar will do for
// an array, "5" for a number, any scalar for a string. Private to Settings. Stateless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/config/settings.h"

namespace penstock {

// What is wrong with `value`: "expected a number, found the string `abc`"; "" when it fits. May
// rewrite the value: a hash in the old array form becomes a hash.
std::string misfit(const Option& option, ConfigValue& value);

// "a number", "an array of strings", "one of `a`, `b`": for messages and tables.
std::string describe_type(const Option& option);
// "a hash", "the string `abc`": a value as an error names it.
std::string describe_value(const ConfigValue& value, bool secret);

std::optional<int64_t> parse_bytes(std::string_view text);         // 10, "10 kb", "5MiB"
std::optional<int64_t> parse_milliseconds(std::string_view text);  // 5, 0.5, "5s", "1 hour"

}  // namespace penstock
