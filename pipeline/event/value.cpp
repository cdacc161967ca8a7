#include "pipeline/event/value.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>

#include "pipeline/base/text.h"
#include "pipeline/event/json_writer.h"

namespace penstock {
namespace {

template <class T>
T load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

uint32_t capacity(const Value& container) {
  return container.capacity_log2 ? 1U << container.capacity_log2 : container.size;
}

// Room for `wanted` items of T; the old ones are moved, the container's size stays.
template <class T>
T* grown(Arena& arena, Value& container, const T* old, uint32_t wanted) {
  const auto log2 = static_cast<uint16_t>(std::bit_width(std::max(wanted, 4U) - 1));
  T* bigger = arena.allocate_array<T>(size_t{1} << log2);
  if (container.size) std::memcpy(static_cast<void*>(bigger), old, container.size * sizeof(T));
  container.capacity_log2 = log2;
  return bigger;
}

bool equal_numbers(const Value& a, const Value& b) {
  if (!a.is_float() && !b.is_float()) {
    const auto x = a.as_integer(), y = b.as_integer();
    if (x && y) return *x == *y;
    return a.kind == b.kind && a.kind == Kind::raw_number && a.view() == b.view();
  }
  const auto x = a.as_real(), y = b.as_real();
  return x && y && *x == *y;
}

template <class CopyText>
Value copied(Arena& arena, const Value& value, CopyText copy_text) {
  Value out = value;
  if (value.kind == Kind::string || value.kind == Kind::raw_number) {
    copy_text(out);
  } else if (value.is_array()) {
    out.capacity_log2 = 0;
    out.items = arena.allocate_array<Value>(value.size);
    for (uint32_t i = 0; i < value.size; ++i)
      out.items[i] = copied(arena, value.items[i], copy_text);
  } else if (value.is_object()) {
    out.capacity_log2 = 0;
    out.members = arena.allocate_array<Member>(value.size);
    for (uint32_t i = 0; i < value.size; ++i) {
      Value name = Value::string(value.members[i].name());
      copy_text(name);
      out.members[i] = {name.text, name.size, value.members[i].hash,
                        copied(arena, value.members[i].value, copy_text)};
    }
  }
  return out;
}

}  // namespace

std::string_view Value::raw_json() const {
  const auto raw = load<RawText>(text - sizeof(RawText));
  return {raw.data, raw.size};
}

std::optional<int64_t> Value::as_integer() const {
  if (kind == Kind::integer) return integer;
  if (kind == Kind::raw_number && !(flags & kFraction)) return parse_integer(view());
  const auto number = as_real();
  if (!number || !(std::abs(*number) < 9.2e18)) return std::nullopt;
  return static_cast<int64_t>(*number);
}

std::optional<double> Value::as_real() const {
  if (kind == Kind::real) return real;
  if (kind == Kind::integer) return static_cast<double>(integer);
  if (kind == Kind::raw_number) return parse_real(view());
  return std::nullopt;
}

Value& object_set(Arena& arena, Value& object, const Name& name, const Value& value) {
  if (Value* old = object_find(object, name)) {
    *old = value;
    return *old;
  }
  return object_append(arena, object, name, value);
}

void object_grow(Arena& arena, Value& object) {
  object.members = grown(arena, object, object.members, object.size + 1);
}

bool object_erase(Value& object, const Name& name) {
  Value* found = object_find(object, name);
  if (!found) return false;
  auto* member =
      reinterpret_cast<Member*>(reinterpret_cast<char*>(found) - offsetof(Member, value));
  const auto index = static_cast<uint32_t>(member - object.members);
  std::memmove(static_cast<void*>(member), member + 1, (object.size - index - 1) * sizeof(Member));
  --object.size;
  return true;
}

void object_reserve(Arena& arena, Value& object, uint32_t members) {
  if (members > capacity(object)) object.members = grown(arena, object, object.members, members);
}

void array_append(Arena& arena, Value& array, const Value& item) {
  if (array.size == capacity(array)) array.items = grown(arena, array, array.items, array.size + 1);
  array.items[array.size++] = item;
}

bool array_erase(Value& array, uint32_t index) {
  if (index >= array.size) return false;
  std::memmove(static_cast<void*>(array.items + index), array.items + index + 1,
               (array.size - index - 1) * sizeof(Value));
  --array.size;
  return true;
}

Value deep_copy(Arena& arena, const Value& value) {
  return copied(arena, value, [](Value&) {});
}

Value detach(Arena& arena, const Value& value) {
  return copied(arena, value, [&](Value& v) {
    v.text = arena.copy(v.view()).data();
    v.flags &= static_cast<uint8_t>(~Value::kHasRaw);
  });
}

bool equal(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return equal_numbers(a, b);
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::null:
      return true;
    case Kind::boolean:
      return a.truth() == b.truth();
    case Kind::string:
      return a.view() == b.view();
    case Kind::timestamp:
      return a.instant() == b.instant();
    case Kind::array:
      if (a.size != b.size) return false;
      for (uint32_t i = 0; i < a.size; ++i)
        if (!equal(a.items[i], b.items[i])) return false;
      return true;
    case Kind::object:
      if (a.size != b.size) return false;
      for (const Member& member : a.entries()) {
        const Value* other = object_find(b, {member.name(), member.hash});
        if (!other || !equal(member.value, *other)) return false;
      }
      return true;
    default:
      return false;
  }
}

void append_text(const Value& value, std::string& out) {
  switch (value.kind) {
    case Kind::null:
      return;
    case Kind::boolean:
      out += value.truth() ? "true" : "false";
      return;
    case Kind::integer:
      fmt::format_to(std::back_inserter(out), "{}", value.integer);
      return;
    case Kind::real:
      append_real(value.real, out);
      return;
    case Kind::raw_number:
      // A float's text is its value's ("1.50" reads "1.5"); an integer's digits are its text.
      if (const auto real = value.as_real(); value.is_float() && real)
        return append_real(*real, out);
      out += value.view();
      return;
    case Kind::string:
      out += value.view();
      return;
    case Kind::timestamp: {
      char text[40];
      out.append(text, format_instant(value.instant(), text));
      return;
    }
    case Kind::array:
      for (uint32_t i = 0; i < value.size; ++i) {
        if (i) out += ',';
        append_text(value.items[i], out);
      }
      return;
    case Kind::object: {
      ByteBuffer json;
      write_json(value, json);
      out += json.view();
      return;
    }
  }
}

std::string to_text(const Value& value) {
  std::string out;
  append_text(value, out);
  return out;
}

void append_real(double real, std::string& out) {
  if (!std::isfinite(real)) {
    out += std::isnan(real) ? "NaN" : real > 0 ? "Infinity" : "-Infinity";
    return;
  }
  char text[40];
  // Like Ruby: plain digits from 1e-4 up to 1e16, scientific beyond.
  const double size = std::abs(real);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(text, text + sizeof text, real, format).ptr;
  const std::string_view digits(text, static_cast<size_t>(end - text));
  if (digits.find('.') != std::string_view::npos) {
    out += digits;
    return;
  }
  const size_t exponent = std::min(digits.find('e'), digits.size());
  out += digits.substr(0, exponent);
  out += ".0";
  out += digits.substr(exponent);
}

}  // namespace penstock
