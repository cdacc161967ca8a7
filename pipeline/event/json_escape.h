// Text into the inside of a JSON string: quotes, backslashes and bytes below 0x20 are escaped, all
// else is copied. Thread-safe.
#pragma once

#include <string_view>

#include "pipeline/base/byte_buffer.h"

namespace penstock {

// The first byte of [at, end) that must be escaped, or end.
const char* find_json_escape(const char* at, const char* end);

// Appends the escaped text, without quotes around it.
void append_json_escaped(std::string_view text, ByteBuffer& out);

}  // namespace penstock
