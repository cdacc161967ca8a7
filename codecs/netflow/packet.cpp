#include "codecs/netflow/packet.h"

#include <algorithm>

namespace penstock::netflow {
namespace {

constexpr size_t kHeaderBytes9 = 20;
constexpr size_t kHeaderBytesIpfix = 16;
constexpr size_t kSetHeadBytes = 4;
constexpr uint64_t kEnterpriseBit = 0x8000;

// The bytes of so many field specifiers, nothing when there aren't so many.
std::optional<std::string_view> specifiers_of(std::string_view body, size_t count, bool ipfix) {
  size_t size = 0;
  for (size_t i = 0; i < count; ++i) {
    if (body.size() < size + 4) return std::nullopt;
    const bool enterprise = ipfix && (number_of(body.substr(size, 2)) & kEnterpriseBit);
    size += enterprise ? 8 : 4;
  }
  if (size > body.size()) return std::nullopt;
  return body.substr(0, size);
}

}  // namespace

uint64_t number_of(std::string_view bytes) {
  uint64_t out = 0;
  for (const char c : bytes) out = out << 8 | static_cast<uint8_t>(c);
  return out;
}

std::optional<Header> take_header(std::string_view& packet) {
  if (packet.size() < kHeaderBytesIpfix) return std::nullopt;
  const auto at = [&](size_t from, size_t size) {
    return static_cast<uint32_t>(number_of(packet.substr(from, size)));
  };
  Header out;
  out.version = static_cast<uint16_t>(at(0, 2));
  if (out.version == kVersion9) {
    if (packet.size() < kHeaderBytes9) return std::nullopt;
    out.uptime_ms = at(4, 4);
    out.seconds = at(8, 4);
    out.sequence = at(12, 4);
    out.domain = at(16, 4);
    packet.remove_prefix(kHeaderBytes9);
    return out;
  }
  if (out.version != kIpfix) return std::nullopt;
  const size_t length = at(2, 2);
  out.seconds = at(4, 4);
  out.sequence = at(8, 4);
  out.domain = at(12, 4);
  if (length < kHeaderBytesIpfix) return std::nullopt;
  packet = packet.substr(0, length).substr(kHeaderBytesIpfix);
  return out;
}

std::optional<Set> take_set(std::string_view& sets) {
  if (sets.size() < kSetHeadBytes) return std::nullopt;
  const size_t size = number_of(sets.substr(2, 2));
  if (size <= kSetHeadBytes || size > sets.size()) return std::nullopt;
  const Set out{static_cast<uint16_t>(number_of(sets.substr(0, 2))),
                sets.substr(kSetHeadBytes, size - kSetHeadBytes)};
  sets.remove_prefix(size);
  return out;
}

std::optional<TemplateRecord> take_template(std::string_view& body, uint16_t version,
                                            bool options) {
  const bool ipfix = version == kIpfix;
  const auto at = [&](size_t from) {
    return static_cast<uint16_t>(number_of(body.substr(from, 2)));
  };
  if (body.size() < 4) return std::nullopt;
  TemplateRecord out;
  out.is_options = options;
  out.id = at(0);
  out.fields = at(2);
  if (out.id < kDataSetMin) return std::nullopt;  // padding
  size_t head = 4;
  if (options && !(ipfix && out.fields == 0)) {
    head = 6;
    if (body.size() < head) return std::nullopt;
    out.scope_fields = at(4);
    if (!ipfix) {  // both are bytes there: of the scopes, of the options
      const auto scopes = static_cast<uint16_t>(out.fields / 4);
      out.fields = static_cast<uint16_t>(scopes + out.scope_fields / 4);
      out.scope_fields = scopes;
    }
    if (out.scope_fields > out.fields) return std::nullopt;
  }
  const auto specifiers = specifiers_of(body.substr(head), out.fields, ipfix);
  if (!specifiers) return std::nullopt;
  out.specifiers = *specifiers;
  out.bytes = body.substr(0, head + specifiers->size());
  body.remove_prefix(out.bytes.size());
  return out;
}

}  // namespace penstock::netflow
