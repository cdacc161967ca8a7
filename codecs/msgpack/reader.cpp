#include "codecs/msgpack/reader.h"

#include <algorithm>
#include <bit>

#include "pipeline/base/limits.h"
#include "pipeline/base/text.h"
#include "pipeline/event/unique_members.h"

namespace penstock::msgpack {
namespace {

constexpr int8_t kEventTime = 0;
constexpr int8_t kTimestamp = -1;

uint64_t big_endian(std::string_view bytes) {
  uint64_t out = 0;
  for (const char c : bytes) out = out << 8 | static_cast<uint8_t>(c);
  return out;
}

}  // namespace

Outcome Reader::read(std::string_view& bytes, Arena& arena, Value& out) {
  rest_ = bytes;
  arena_ = &arena;
  left_ = kValuesMax;
  members_.clear();
  items_.clear();
  const Outcome outcome = value(out, 0);
  bytes = rest_;
  return outcome;
}

bool Reader::take_array(std::string_view& bytes, uint32_t& size) {
  if (bytes.empty()) return false;
  const auto type = static_cast<uint8_t>(bytes[0]);
  const size_t head = type == 0xDC ? 2 : type == 0xDD ? 4 : 0;
  if (bytes.size() < 1 + head || (head == 0 && (type < 0x90 || type > 0x9F))) return false;
  size = head ? static_cast<uint32_t>(big_endian(bytes.substr(1, head))) : type & 0x0FU;
  bytes.remove_prefix(1 + head);
  return true;
}

bool Reader::take_bytes(std::string_view& bytes, std::string_view& out) {
  if (bytes.empty()) return false;
  const auto type = static_cast<uint8_t>(bytes[0]);
  const bool is_short = type >= 0xA0 && type <= 0xBF;
  const bool is_text = type >= 0xD9 && type <= 0xDB, is_binary = type >= 0xC4 && type <= 0xC6;
  if (!is_short && !is_text && !is_binary) return false;
  const size_t head = is_short ? 0 : size_t{1} << (type - (is_text ? 0xD9 : 0xC4));
  if (bytes.size() < 1 + head) return false;
  const uint64_t size = is_short ? type & 0x1FU : big_endian(bytes.substr(1, head));
  if (size > bytes.size() - 1 - head) return false;
  out = bytes.substr(1 + head, size);
  bytes.remove_prefix(1 + head + size);
  return true;
}

bool Reader::take(size_t size, uint64_t& number) {
  if (rest_.size() < size) return false;
  number = big_endian(rest_.substr(0, size));
  rest_.remove_prefix(size);
  return true;
}

Outcome Reader::value(Value& out, uint32_t depth) {
  if (rest_.empty()) return Outcome::cut_off;
  if (left_ == 0) return Outcome::too_large;
  --left_;
  const auto type = static_cast<uint8_t>(rest_[0]);
  rest_.remove_prefix(1);
  if (type >= 0xA0 && type <= 0xBF) return text(type & 0x1F, out);
  if (type <= 0x7F || type >= 0xE0) {
    out = Value::of_integer(static_cast<int8_t>(type));
    return Outcome::ok;
  }
  if (type <= 0x8F) return object(type & 0x0F, out, depth);
  if (type <= 0x9F) return array(type & 0x0F, out, depth);
  switch (type) {
    case 0xC0:
      out = Value::null();
      return Outcome::ok;
    case 0xC1:
      return Outcome::malformed;
    case 0xC2:
    case 0xC3:
      out = Value::boolean(type == 0xC3);
      return Outcome::ok;
    default:
      return type >= 0xCA && type <= 0xD3 ? number(type, out) : sized(type, out, depth);
  }
}

// Floats, then unsigned and signed integers of 1, 2, 4, 8 bytes: 0xCA to 0xD3.
Outcome Reader::number(uint8_t type, Value& out) {
  const bool is_float = type <= 0xCB;
  const unsigned log2 = is_float ? 2U + (type - 0xCAU) : (type - 0xCCU) % 4;
  uint64_t bits = 0;
  if (!take(size_t{1} << log2, bits)) return Outcome::cut_off;
  if (type == 0xCA) {
    out = Value::of_real(double{std::bit_cast<float>(static_cast<uint32_t>(bits))});
  } else if (type == 0xCB) {
    out = Value::of_real(std::bit_cast<double>(bits));
  } else if (type >= 0xD0) {
    const unsigned shift = 64 - (8U << log2);
    out = Value::of_integer(static_cast<int64_t>(bits << shift) >> shift);
  } else if (bits <= static_cast<uint64_t>(INT64_MAX)) {
    out = Value::of_integer(static_cast<int64_t>(bits));
  } else {
    out = Value::raw_number(arena_->copy(std::to_string(bits)), false);
  }
  return Outcome::ok;
}

// What a size of 1, 2 or 4 bytes comes before (or, of short extensions, none).
Outcome Reader::sized(uint8_t type, Value& out, uint32_t depth) {
  if (type >= 0xD4 && type <= 0xD8) return extension(uint64_t{1} << (type - 0xD4), out);
  uint64_t size = 0;
  // C4 C5 C6: binary; C7 C8 C9: extension; D9 DA DB: text; DC DD: array; DE DF: map.
  const unsigned log2 = type >= 0xDC   ? 1U + (type & 1U)
                        : type >= 0xD9 ? type - 0xD9U
                                       : (type - 0xC4U) % 3;
  if (!take(size_t{1} << log2, size)) return Outcome::cut_off;
  if (type >= 0xDE) return object(size, out, depth);
  if (type >= 0xDC) return array(size, out, depth);
  if (type >= 0xC7 && type <= 0xC9) return extension(size, out);
  return text(size, out);
}

Outcome Reader::text(uint64_t size, Value& out) {
  if (size > rest_.size()) return Outcome::cut_off;
  const std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  out = Value::string(is_utf8(bytes) ? bytes : arena_->copy(escape_invalid_utf8(bytes)));
  return Outcome::ok;
}

Outcome Reader::array(uint64_t size, Value& out, uint32_t depth) {
  if (depth >= limits::kDepthMax) return Outcome::too_deep;
  if (size > rest_.size()) return Outcome::cut_off;  // each takes a byte at least
  const size_t first = items_.size();
  for (uint64_t i = 0; i < size; ++i) {
    Value item;
    if (const Outcome outcome = value(item, depth + 1); outcome != Outcome::ok) return outcome;
    items_.push_back(item);
  }
  out = Value::array();
  out.size = static_cast<uint32_t>(size);
  if (size > 0) {
    out.items = arena_->allocate_array<Value>(size);
    std::copy(items_.begin() + static_cast<std::ptrdiff_t>(first), items_.end(), out.items);
  }
  items_.resize(first);
  return Outcome::ok;
}

Outcome Reader::object(uint64_t size, Value& out, uint32_t depth) {
  if (depth >= limits::kDepthMax) return Outcome::too_deep;
  if (size > rest_.size() / 2) return Outcome::cut_off;  // each takes two bytes at least
  const size_t first = members_.size();
  for (uint64_t i = 0; i < size; ++i) {
    Member member;
    if (const Outcome outcome = key(member, depth + 1); outcome != Outcome::ok) return outcome;
    if (const Outcome outcome = value(member.value, depth + 1); outcome != Outcome::ok)
      return outcome;
    members_.push_back(member);
  }
  out = make_object(*arena_, std::span(members_).subspan(first), depth == 0);
  members_.resize(first);
  return Outcome::ok;
}

// Names are texts; numbers, booleans and nil are made texts.
Outcome Reader::key(Member& out, uint32_t depth) {
  Value name;
  if (const Outcome outcome = value(name, depth); outcome != Outcome::ok) return outcome;
  if (name.is_container()) return Outcome::malformed;
  const std::string_view text = name.is_string() ? name.view() : arena_->copy(to_text(name));
  out.name_text = text.data();
  out.name_size = static_cast<uint32_t>(text.size());
  out.hash = hash_name(text);
  return Outcome::ok;
}

Outcome Reader::extension(uint64_t size, Value& out) {
  if (size >= rest_.size()) return Outcome::cut_off;  // its type takes a byte
  const auto type = static_cast<int8_t>(rest_[0]);
  const std::string_view body = rest_.substr(1, size);
  rest_.remove_prefix(1 + size);
  if (!times_ || (type != kEventTime && type != kTimestamp)) return Outcome::unknown_type;
  Instant instant{};
  if (type == kEventTime && size == 8) {
    instant = {static_cast<int64_t>(big_endian(body.substr(0, 4))),
               static_cast<uint32_t>(big_endian(body.substr(4)))};
  } else if (type == kTimestamp && size == 4) {
    instant = {static_cast<int64_t>(big_endian(body)), 0};
  } else if (type == kTimestamp && size == 8) {
    const uint64_t both = big_endian(body);  // 30 bits of nanoseconds, 34 of seconds
    instant = {static_cast<int64_t>(both & ((uint64_t{1} << 34) - 1)),
               static_cast<uint32_t>(both >> 34)};
  } else {
    return Outcome::unknown_type;
  }
  if (instant.nanoseconds >= 1'000'000'000) return Outcome::malformed;
  out = Value::timestamp(instant);
  return Outcome::ok;
}

}  // namespace penstock::msgpack
