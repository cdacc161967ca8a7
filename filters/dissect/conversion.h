// The `convert_datatype` option of dissect: Java's BigDecimal of a field's text. Immutable.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pipeline/event/event.h"

namespace penstock::dissect {

// `text` as a number of any size: as it is (integer false), or cut to an integer. Empty: it is
// none. The result views the arena.
std::optional<Value> decimal(std::string_view text, bool integer, Arena& arena);

}  // namespace penstock::dissect
