// Value: what a field holds. 16 bytes, trivially copyable, owns nothing: text views a slab or the
// batch's arena, children live in the arena. Valid until the batch is reset.
//
// Invariants: string text is well-formed UTF-8. A container is held by exactly one Value: copying
// a Value shares its children, so use deep_copy() when both copies may change.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "pipeline/base/arena.h"
#include "pipeline/base/byte_buffer.h"
#include "pipeline/base/clock.h"
#include "pipeline/base/equal_bytes.h"

namespace penstock {

enum class Kind : uint8_t {
  null,
  boolean,
  integer,
  real,
  raw_number,
  string,
  timestamp,
  array,
  object
};

struct Member;

struct Value {
  // String flags. kClean: no byte needs escaping in JSON. kHasRaw: the text as it was received,
  // escapes and all, is known (see raw_json()); an untouched string leaves as it came.
  static constexpr uint8_t kClean = 1;
  static constexpr uint8_t kHasRaw = 2;
  // raw_number flag: written with a fraction or an exponent, so a float and not an integer.
  static constexpr uint8_t kFraction = 4;
  // String flag: nothing in the text can harm or betray anyone: it comes from a database of the
  // operator's (GeoIP), or is a plain word or version number (useragent), so detectors pass it
  // over. Lost with any change of the text.
  static constexpr uint8_t kInert = 8;
  // Of a member's value: it was read from JSON, and its name needed no escape there. What else
  // write_json() wants to know before it copies name and value together, the addresses tell.
  static constexpr uint8_t kPlainName = 16;

  Kind kind = Kind::null;
  uint8_t flags = 0;
  uint16_t capacity_log2 = 0;  // containers: room for 1 << capacity_log2; 0 = no more than size
  uint32_t size = 0;           // bytes, items, members; of a timestamp: nanoseconds
  union {
    int64_t integer = 0;  // integer; boolean 0/1; timestamp: seconds since 1970
    double real;
    const char* text;  // string, raw_number
    Value* items;
    Member* members;
  };

  static Value null() { return {}; }
  static Value boolean(bool b) { return made(Kind::boolean, 0, 0, b); }
  static Value of_integer(int64_t i) { return made(Kind::integer, 0, 0, static_cast<uint64_t>(i)); }
  static Value of_real(double r) { return made(Kind::real, 0, 0, std::bit_cast<uint64_t>(r)); }
  static Value timestamp(Instant t) {
    return made(Kind::timestamp, 0, t.nanoseconds, static_cast<uint64_t>(t.seconds));
  }
  // Views `text`, which must be well-formed UTF-8 and outlive the batch (or lie in its arena).
  static Value string(std::string_view text, uint8_t flags = 0) {
    DCHECK(text.size() <= UINT32_MAX, "text is longer than any record");
    return made(Kind::string, flags, static_cast<uint32_t>(text.size()),
                reinterpret_cast<uint64_t>(text.data()));
  }
  static Value raw_number(std::string_view digits, bool fraction) {
    return made(Kind::raw_number, fraction ? kFraction : 0, static_cast<uint32_t>(digits.size()),
                reinterpret_cast<uint64_t>(digits.data()));
  }
  static Value array() { return made(Kind::array, 0, 0, 0); }
  static Value object() { return made(Kind::object, 0, 0, 0); }

  bool is_null() const { return kind == Kind::null; }
  bool is_string() const { return kind == Kind::string; }
  bool is_array() const { return kind == Kind::array; }
  bool is_object() const { return kind == Kind::object; }
  bool is_container() const { return kind >= Kind::array; }
  bool is_number() const { return kind >= Kind::integer && kind <= Kind::raw_number; }

  std::string_view view() const { return {text, size}; }       // REQUIRES: string or raw_number
  bool truth() const { return integer != 0; }                  // REQUIRES: boolean
  Instant instant() const { return {integer, size}; }          // REQUIRES: timestamp
  std::span<Value> elements() const { return {items, size}; }  // REQUIRES: array
  std::span<Member> entries() const;                           // REQUIRES: object
  std::string_view raw_json() const;  // REQUIRES: kHasRaw; the text between the quotes as received

  // Numbers of any kind; empty when not a number or out of the type's range.
  std::optional<int64_t> as_integer() const;  // a float is cut toward zero
  std::optional<double> as_real() const;
  bool is_float() const {
    return kind == Kind::real || (kind == Kind::raw_number && flags & kFraction);
  }

 private:
  // Two whole words: a value put together byte by byte stalls whoever copies it next.
  static Value made(Kind kind, uint8_t flags, uint32_t size, uint64_t held) {
    static_assert(std::endian::native == std::endian::little);
    struct Words {
      uint64_t head, held;
    };
    return std::bit_cast<Value>(
        Words{static_cast<uint64_t>(kind) | uint64_t{flags} << 8 | uint64_t{size} << 32, held});
  }
};
static_assert(sizeof(Value) == 16 && std::is_trivially_copyable_v<Value>);

// What kHasRaw promises: this header lies directly before the text.
struct RawText {
  const char* data;
  size_t size;
};

// A name's hash: cheap, the same for a config's FieldRef and for a parsed key.
inline uint32_t hash_name(std::string_view name) {
  const auto load = [p = name.data()]<class T>(size_t at, T) {
    T word;
    std::memcpy(&word, p + at, sizeof word);
    return uint64_t{word};
  };
  const size_t n = name.size();
  uint64_t a = 0, b = 0;
  if (n >= 8) {
    a = load(0, uint64_t{});
    b = load(n - 8, uint64_t{});
  } else if (n >= 4) {
    a = load(0, uint32_t{});
    b = load(n - 4, uint32_t{});
  } else if (n > 0) {
    a = load(0, uint8_t{});
    b = load(n / 2, uint8_t{}) << 8 | load(n - 1, uint8_t{});
  }
  const uint64_t mixed = (a ^ std::rotl(b, 29) ^ n) * 0x9E3779B97F4A7C15U;
  return static_cast<uint32_t>(mixed >> 32);
}

struct Member {
  const char* name_text = nullptr;
  uint32_t name_size = 0;
  uint32_t hash = 0;
  Value value;

  std::string_view name() const { return {name_text, name_size}; }
};
static_assert(sizeof(Member) == 32);

inline std::span<Member> Value::entries() const { return {members, size}; }

// A name with its hash, computed once.
struct Name {
  explicit Name(std::string_view t) : text(t), hash(hash_name(t)) {}
  Name(std::string_view t, uint32_t h) : text(t), hash(h) {}
  std::string_view text;
  uint32_t hash;
};

// Objects. find: nullptr when absent. set: adds or replaces; `name` is viewed, not copied, so it
// must outlive the batch (arena.copy() it otherwise). Members keep their order.
inline Value* object_find(const Value& object, const Name& name) {
  for (Member& member : object.entries())
    if (member.hash == name.hash && member.name_size == name.text.size() &&
        equal_bytes(member.name_text, name.text.data(), name.text.size()))
      return &member.value;
  return nullptr;
}
Value& object_set(Arena& arena, Value& object, const Name& name, const Value& value);
void object_grow(Arena& arena, Value& object);  // room for one more
// Like object_set without the search. REQUIRES: there is no member of that name.
inline Value& object_append(Arena& arena, Value& object, const Name& name, const Value& value) {
  const uint32_t room = object.capacity_log2 ? 1U << object.capacity_log2 : object.size;
  if (object.size == room) [[unlikely]]
    object_grow(arena, object);
  Member& member = object.members[object.size++];
  member.name_text = name.text.data();
  member.name_size = static_cast<uint32_t>(name.text.size());
  member.hash = name.hash;
  member.value = value;
  return member.value;
}
bool object_erase(Value& object, const Name& name);
void object_reserve(Arena& arena, Value& object, uint32_t members);

// Arrays.
void array_append(Arena& arena, Value& array, const Value& item);
bool array_erase(Value& array, uint32_t index);

// A copy that shares nothing that can change; text is shared (it never changes).
Value deep_copy(Arena& arena, const Value& value);
// A copy that outlives the source batch: text and names too.
Value detach(Arena& arena, const Value& value);

// Equal content; numbers by value across kinds.
bool equal(const Value& a, const Value& b);

// The text form that conditions, sprintf and string operations see: "3", "1.5", "true",
// "a,b" for arrays, JSON for objects, "" for null, ISO 8601 for timestamps.
void append_text(const Value& value, std::string& out);
std::string to_text(const Value& value);

// Shortest decimal that reads back equal, always recognizable as a float: "1.0", "0.1", "1.0e+20".
void append_real(double real, std::string& out);

// 2026-11-21T10:00:00.123Z: milliseconds always, more digits when there are any.
// Writes at most 40 bytes, returns the length.
size_t format_instant(Instant instant, char* out);

// ISO 8601 as Logstash accepts it for @timestamp. Empty when it isn't.
std::optional<Instant> parse_instant(std::string_view text);

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back.
int64_t days_from_civil(int64_t year, unsigned month, unsigned day);
struct CivilDate {
  int64_t year;
  unsigned month, day;
};
CivilDate civil_from_days(int64_t days);

}  // namespace penstock
