// The number that a text begins with, as Ruby's to_f and to_i read it: " 1_000.5e2 kg" is 100050.
// No number is 0. Stateless, thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

namespace penstock {

double ruby_real(std::string_view text);
int64_t ruby_integer(std::string_view text);  // bounded to int64_t

}  // namespace penstock
