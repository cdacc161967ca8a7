// Values as MessagePack. Stateless. A timestamp is its ISO 8601 text; a number without a place in
// 64 bits is a double.
#pragma once

#include <string_view>

#include "pipeline/base/byte_buffer.h"
#include "pipeline/event/value.h"

namespace penstock::msgpack {

void write(const Value& value, ByteBuffer& out);

void write_text(std::string_view text, ByteBuffer& out);
void write_integer(int64_t integer, ByteBuffer& out);
void write_array_head(uint32_t size, ByteBuffer& out);

// Fluentd's EventTime, an extension type of seconds and nanoseconds.
void write_event_time(Instant instant, ByteBuffer& out);

}  // namespace penstock::msgpack
