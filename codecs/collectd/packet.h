// Packets of collectd's network plugin, taken apart: a packet is parts of a type, a length and a
// body; parts set the state that the values after them belong to.
//   https://www.collectd.org/documentation/binary-protocol.html
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock::collectd {

enum class PartType : uint16_t {
  host = 0,
  time = 1,
  plugin = 2,
  plugin_instance = 3,
  type = 4,
  type_instance = 5,
  values = 6,
  interval = 7,
  time_high = 8,
  interval_high = 9,
  message = 256,
  severity = 257,
  signature = 512,
  encryption = 528,
};

struct Part {
  PartType type{};
  std::string_view body;
};

// The next part, taken off `packet`. Empty when its length can't be.
std::optional<Part> take_part(std::string_view& packet);

uint64_t big_endian(std::string_view bytes);

enum class ValueKind : uint8_t { counter, gauge, derive, absolute };
inline constexpr size_t kValueBytes = 9;  // of a kind and a value

// Values of a part: how many, their kinds, then eight bytes each. Empty when sizes contradict.
struct Values {
  std::string_view kinds, numbers;
  size_t size() const { return kinds.size(); }
  std::string_view number(size_t i) const { return numbers.substr(i * 8, 8); }
};
std::optional<Values> values_of(std::string_view body);

}  // namespace penstock::collectd
