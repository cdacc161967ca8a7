// Texts as numbers, as Ruby's Integer(), Float(), to_i and to_f read them. Stateless.
#pragma once

#include <optional>
#include <string_view>

#include "pipeline/event/value.h"

namespace penstock {

// Integer(text): white space around it, a sign, 0x 0b 0o 0d or 0 (octal) before it, single
// underscores between digits. What doesn't fit 64 bits keeps its digits (raw_number, decimal ones
// only; others are refused).
std::optional<Value> strict_integer(std::string_view text, Arena& arena);

// Float(text): decimal or hexadecimal; an overflow is infinite.
std::optional<double> strict_real(std::string_view text);

// text.to_i and text.to_f: the number that it begins with (" 1_000.5e2 kg" is 100050), 0 when there
// is none. Integers are held at the ends of the range, reals become infinite.
int64_t leading_integer(std::string_view text);
double leading_real(std::string_view text);

}  // namespace penstock
