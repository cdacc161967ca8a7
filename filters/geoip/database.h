// GeoDatabase: one MaxMind DB file, mapped into memory. Immutable, thread-safe; text that it gives
// lies in the mapped file and lives as long as the database.
// A damaged file gives errors or misses, never a crash: every offset is checked.
#pragma once

#include <maxminddb.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/base/result.h"

namespace penstock {

// What a database knows about an address, by its metadata's database_type.
enum class GeoKind : uint8_t { city, country, domain, asn, isp, enterprise, anonymous_ip, other };

// "1.2.3.4" in host byte order; nothing else is one.
std::optional<uint32_t> parse_ipv4(std::string_view text);

// An address as text: "1.2.3.4", "2001:db8::1", also "[2001:db8::1]". Host names are none.
struct GeoAddress {
  sockaddr_storage socket{};
  std::string text;  // as Java's getHostAddress writes it: eight groups, no "::"

  static std::optional<GeoAddress> parse(std::string_view text);
};

class GeoDatabase {
 public:
  static Result<std::shared_ptr<const GeoDatabase>> open(const std::string& path);
  ~GeoDatabase();

  GeoKind kind() const { return kind_; }
  const std::string& type() const { return type_; }

  struct Found {
    uint64_t offset = 0;  // of the record, in data()
    uint16_t prefix = 0;  // bits of the network that the record is about
  };
  enum class Outcome : uint8_t { found, not_found, damaged };
  Outcome find(const GeoAddress& address, Found& found) const;
  // The same for an IPv4 address in host byte order, several times as fast.
  Outcome find(uint32_t ipv4, Found& found) const;

  std::span<const uint8_t> data() const { return {mmdb_.data_section, mmdb_.data_section_size}; }

 private:
  GeoDatabase() = default;
  Status find_ipv4_root();
  // REQUIRES: node < node_count.
  uint32_t child(uint32_t node, uint32_t bit) const;

  MMDB_s mmdb_{};
  bool open_ = false;
  uint32_t ipv4_root_ = 0;  // the node where IPv4 addresses begin
  uint16_t ipv4_depth_ = 0;
  std::string type_;
  GeoKind kind_ = GeoKind::other;
};

}  // namespace penstock
