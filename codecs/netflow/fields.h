// What the fields of NetFlow v9 and IPFIX are called and how they are read. Immutable; shared.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "pipeline/base/result.h"

namespace penstock::netflow {

enum class FieldKind : uint8_t {
  unsigned_integer,  // of whatever size the template says
  signed_integer,
  real,
  text,
  skipped,
  ip4,
  ip6,
  mac,
  octets,       // hexadecimal
  asa_acl,      // three groups of four bytes
  forwarding,   // two bits of status, six of reason
  application,  // class..selector, RFC 6759
  mpls
};

struct Field {
  uint32_t enterprise = 0;
  uint16_t number = 0;
  FieldKind kind{};
  std::string_view name;
};

enum class Protocol : uint8_t { netflow9, ipfix };

class Fields {
 public:
  explicit Fields(Protocol protocol) : protocol_(protocol) {}

  // Adds to or replaces the known ones: number: [":uint32", ":name"], for IPFIX below the number of
  // the enterprise, all of whose fields it replaces.
  Status read_file(const std::string& path);

  // nullptr for one that nobody knows.
  const Field* find(uint32_t enterprise, uint16_t number) const;

 private:
  Protocol protocol_;
  std::map<std::pair<uint32_t, uint16_t>, Field> own_;
  std::map<uint32_t, bool> replaced_;  // enterprises whose known fields don't hold
  std::deque<std::string> names_;
};

}  // namespace penstock::netflow
