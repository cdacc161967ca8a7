// Sixty-four bytes of text as bit sets by class. Bit i is byte i.
#pragma once

#include <cstdint>

namespace penstock::pii {

struct ByteMap {
  uint64_t digit = 0, upper = 0, lower = 0;
  uint64_t at = 0, equals = 0, colon = 0, dash = 0, dot = 0, percent = 0, bracket = 0;
  uint64_t gap = 0;    // other bytes that may stand between groups of digits: space ( ) /
  uint64_t quote = 0;  // " ' ] that may close a name
};

// REQUIRES: 64 readable bytes.
ByteMap map_bytes(const char* bytes);

}  // namespace penstock::pii
