#include "codecs/collectd/packet.h"

namespace penstock::collectd {

uint64_t big_endian(std::string_view bytes) {
  uint64_t out = 0;
  for (const char c : bytes) out = out << 8 | static_cast<uint8_t>(c);
  return out;
}

std::optional<Part> take_part(std::string_view& packet) {
  constexpr size_t kHead = 4;
  if (packet.size() < kHead) return std::nullopt;
  const size_t size = big_endian(packet.substr(2, 2));
  if (size < kHead || size > packet.size()) return std::nullopt;
  const Part out{static_cast<PartType>(big_endian(packet.substr(0, 2))),
                 packet.substr(kHead, size - kHead)};
  packet.remove_prefix(size);
  return out;
}

std::optional<Values> values_of(std::string_view body) {
  if (body.size() < 2) return std::nullopt;
  body.remove_prefix(2);
  if (body.empty() || body.size() % kValueBytes != 0) return std::nullopt;
  const size_t count = body.size() / kValueBytes;
  const Values out{body.substr(0, count), body.substr(count)};
  for (const char kind : out.kinds)
    if (static_cast<uint8_t>(kind) > static_cast<uint8_t>(ValueKind::absolute)) return std::nullopt;
  return out;
}

}  // namespace penstock::collectd
