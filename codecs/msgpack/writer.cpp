#include "codecs/msgpack/writer.h"

#include <charconv>

#include "pipeline/base/text.h"

namespace penstock::msgpack {
namespace {

// A type byte, then `size` bytes of the number.
void put(uint8_t type, uint64_t number, unsigned size, ByteBuffer& out) {
  char* to = out.reserve(1 + size);
  *to++ = static_cast<char>(type);
  for (unsigned i = size; i-- > 0;) *to++ = static_cast<char>(number >> (8 * i));
  out.commit(1 + size);
}

// Containers have a short form up to 15 and sizes of two or four bytes: `type` and the next one.
void write_head(uint8_t short_type, uint8_t type, uint32_t size, ByteBuffer& out) {
  if (size <= 15)
    out.push_back(static_cast<char>(short_type | size));
  else if (size <= UINT16_MAX)
    put(type, size, 2, out);
  else
    put(static_cast<uint8_t>(type + 1), size, 4, out);
}

void write_unsigned(uint64_t number, ByteBuffer& out) {
  if (number <= 0x7F)
    out.push_back(static_cast<char>(number));
  else if (number <= UINT8_MAX)
    put(0xCC, number, 1, out);
  else if (number <= UINT16_MAX)
    put(0xCD, number, 2, out);
  else if (number <= UINT32_MAX)
    put(0xCE, number, 4, out);
  else
    put(0xCF, number, 8, out);
}

void write_real(double real, ByteBuffer& out) { put(0xCB, std::bit_cast<uint64_t>(real), 8, out); }

void write_raw_number(const Value& number, ByteBuffer& out) {
  const std::string_view digits = number.view();
  uint64_t large = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), large).ptr;
  if (const auto integer = number.is_float() ? std::nullopt : parse_integer(digits))
    write_integer(*integer, out);
  else if (end == digits.data() + digits.size())
    write_unsigned(large, out);
  else
    write_real(number.as_real().value_or(0), out);
}

}  // namespace

void write_text(std::string_view text, ByteBuffer& out) {
  const auto size = static_cast<uint32_t>(text.size());
  if (size <= 31)
    out.push_back(static_cast<char>(0xA0 | size));
  else if (size <= UINT8_MAX)
    put(0xD9, size, 1, out);
  else if (size <= UINT16_MAX)
    put(0xDA, size, 2, out);
  else
    put(0xDB, size, 4, out);
  out.append(text);
}

void write_integer(int64_t integer, ByteBuffer& out) {
  const auto bits = static_cast<uint64_t>(integer);
  if (integer >= 0)
    write_unsigned(bits, out);
  else if (integer >= -32)
    out.push_back(static_cast<char>(integer));
  else if (integer >= INT8_MIN)
    put(0xD0, bits, 1, out);
  else if (integer >= INT16_MIN)
    put(0xD1, bits, 2, out);
  else if (integer >= INT32_MIN)
    put(0xD2, bits, 4, out);
  else
    put(0xD3, bits, 8, out);
}

void write_array_head(uint32_t size, ByteBuffer& out) { write_head(0x90, 0xDC, size, out); }

void write_event_time(Instant instant, ByteBuffer& out) {
  put(0xD7, 0, 1, out);  // eight bytes of type 0
  const uint64_t seconds = static_cast<uint32_t>(instant.seconds);
  const uint64_t both = seconds << 32 | instant.nanoseconds;
  char* to = out.reserve(8);
  for (unsigned i = 0; i < 8; ++i) to[i] = static_cast<char>(both >> (56 - 8 * i));
  out.commit(8);
}

// Recursion is bounded by the depth of events (limits::kDepthMax).
void write(const Value& value, ByteBuffer& out) {
  switch (value.kind) {
    case Kind::null:
      return out.push_back(static_cast<char>(0xC0));
    case Kind::boolean:
      return out.push_back(static_cast<char>(value.truth() ? 0xC3 : 0xC2));
    case Kind::integer:
      return write_integer(value.integer, out);
    case Kind::real:
      return write_real(value.real, out);
    case Kind::raw_number:
      return write_raw_number(value, out);
    case Kind::string:
      return write_text(value.view(), out);
    case Kind::timestamp: {
      char text[40];
      return write_text({text, format_instant(value.instant(), text)}, out);
    }
    case Kind::array:
      write_array_head(value.size, out);
      for (const Value& item : value.elements()) write(item, out);
      return;
    case Kind::object:
      write_head(0x80, 0xDE, value.size, out);
      for (const Member& member : value.entries()) {
        write_text(member.name(), out);
        write(member.value, out);
      }
  }
}

}  // namespace penstock::msgpack
