// The frame of NetFlow v9 and IPFIX packets: a header, then sets of templates or of data.
//   RFC 3954, RFC 7011
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock::netflow {

inline constexpr uint16_t kVersion5 = 5;
inline constexpr uint16_t kVersion9 = 9;
inline constexpr uint16_t kIpfix = 10;
inline constexpr uint16_t kDataSetMin = 256;  // sets from this number on hold data

uint64_t number_of(std::string_view bytes);  // big-endian

struct Header {
  uint16_t version = 0;
  uint32_t uptime_ms = 0;  // NetFlow only
  uint32_t seconds = 0;
  uint32_t sequence = 0;
  uint32_t domain = 0;  // source id, observation domain
};

// Of version 9 or 10, taken off `packet`, which then is the sets; empty when it is neither or too
// short.
std::optional<Header> take_header(std::string_view& packet);

struct Set {
  uint16_t id = 0;
  std::string_view body;
  bool is_template(uint16_t version) const { return id == (version == kIpfix ? 2 : 0); }
  bool is_options_template(uint16_t version) const { return id == (version == kIpfix ? 3 : 1); }
};

// The next set, taken off `sets`. Empty at the end, at padding, or where its length can't be.
std::optional<Set> take_set(std::string_view& sets);

struct TemplateRecord {
  uint16_t id = 0;
  uint16_t fields = 0;        // 0: it is withdrawn
  uint16_t scope_fields = 0;  // the first of them are scopes
  bool is_options = false;
  std::string_view specifiers;  // of the fields
  std::string_view bytes;       // the whole record
};

// The next template of a set of templates. Empty at the end or at padding, or where it is cut off.
std::optional<TemplateRecord> take_template(std::string_view& body, uint16_t version, bool options);

// What comes to a decoder for a packet that needs templates of earlier ones: two zero bytes, how
// many bytes of sets of templates, these, and the packet itself.
inline constexpr size_t kEnvelopeBytes = 6;

}  // namespace penstock::netflow
