// Values of one type as another, by the rules of Logstash's mutate (which are Ruby's).
#pragma once

#include <optional>
#include <string_view>

#include "pipeline/event/value.h"

namespace penstock::mutate {

enum class Type : uint8_t { string, integer, real, boolean, integer_eu, real_eu };

// "integer", "float_eu" ...; empty when there is no such type.
std::optional<Type> type_of(std::string_view name);

// A scalar as `type`. Empty when it can't be (Logstash: an exception). A text that is no boolean
// stays what it was.
std::optional<Value> convert(const Value& value, Type type, Arena& arena);

}  // namespace penstock::mutate
