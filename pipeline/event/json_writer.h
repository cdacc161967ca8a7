// Values as JSON text (RFC 8259): always one line, always well-formed UTF-8, no byte below 0x20,
// so a document can never end its line in a bulk request. Thread-safe.
#pragma once

#include "pipeline/base/byte_buffer.h"
#include "pipeline/event/value.h"

namespace penstock {

void write_json(const Value& value, ByteBuffer& out);

// Whether no byte of the text needs an escape (Value::kClean).
bool is_json_clean(std::string_view text);

// The text with quotes and escapes. `text` must be well-formed UTF-8.
void write_json_string(std::string_view text, ByteBuffer& out);

// The same value over several lines, two blanks per level (for people).
void write_json_pretty(const Value& value, ByteBuffer& out, unsigned level = 0);

}  // namespace penstock
