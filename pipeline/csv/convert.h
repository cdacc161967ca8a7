// The `convert` option of csv: Ruby's CSV converters. What doesn't convert stays as it is.
#pragma once

#include <optional>
#include <string_view>

#include "pipeline/event/date_format.h"
#include "pipeline/event/value.h"

namespace penstock::csv {

enum class Type : uint8_t { text, integer, real, date, date_time, boolean };

// "integer", "float", "date", "date_time", "boolean"; empty when there is no such type.
std::optional<Type> type_of(std::string_view name);

// `value` is a string. Dates are midnight in `zone`, times without an offset are UTC's.
Value convert(const Value& value, Type type, const TimeZone& zone, Arena& arena);

}  // namespace penstock::csv
