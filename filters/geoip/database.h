// GeoDatabase: one MaxMind DB file, mapped into memory. Immutable, thread-safe; text that it gives
// lies in the mapped file and lives as long as the database.
// A damaged file gives errors or misses, never a crash: libmaxminddb checks every offset.
#pragma once

#include <maxminddb.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/base/result.h"

namespace penstock {

// What a database knows about an address, by its metadata's database_type.
enum class GeoKind : uint8_t { city, country, domain, asn, isp, enterprise, anonymous_ip, other };

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
    MMDB_entry_s entry;
    uint16_t prefix;  // bits of the network that the record is about
  };
  enum class Outcome : uint8_t { found, not_found, damaged };
  Outcome find(const GeoAddress& address, Found& found) const;

 private:
  GeoDatabase() = default;
  MMDB_s mmdb_{};
  bool open_ = false;
  std::string type_;
  GeoKind kind_ = GeoKind::other;
};

}  // namespace penstock
