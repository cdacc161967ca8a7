#include "filters/geoip/database.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <charconv>
#include <cstring>

#include "pipeline/base/text.h"

namespace penstock {
namespace {

GeoKind kind_of(std::string_view type) {
  static constexpr std::pair<std::string_view, GeoKind> kKinds[] = {
      {"City", GeoKind::city},
      {"Country", GeoKind::country},
      {"GeoIP2-Domain", GeoKind::domain},
      {"GeoLite2-ASN", GeoKind::asn},
      {"GeoIP2-ISP", GeoKind::isp},
      {"Enterprise", GeoKind::enterprise},
      {"GeoIP2-Anonymous-IP", GeoKind::anonymous_ip}};
  for (const auto& [part, kind] : kKinds)
    if (type.find(part) != type.npos) return kind;
  // Other makers' files, which Logstash doesn't know.
  const std::string lower = to_lower_ascii(type);
  if (lower.find("city") != lower.npos) return GeoKind::city;
  if (lower.find("asn") != lower.npos) return GeoKind::asn;
  if (lower.find("country") != lower.npos) return GeoKind::country;
  return GeoKind::other;
}

// ::ffff:1.2.3.4 is an IPv4 address to Java.
bool is_mapped(const in6_addr& address) { return IN6_IS_ADDR_V4MAPPED(&address) != 0; }

void set_v4(GeoAddress& out, const in_addr& address, std::string_view text) {
  auto* socket = reinterpret_cast<sockaddr_in*>(&out.socket);
  socket->sin_family = AF_INET;
  socket->sin_addr = address;
  out.text = text;
}

void set_v6(GeoAddress& out, const in6_addr& address) {
  auto* socket = reinterpret_cast<sockaddr_in6*>(&out.socket);
  socket->sin6_family = AF_INET6;
  socket->sin6_addr = address;
  char text[INET6_ADDRSTRLEN];
  char* at = text;
  for (size_t i = 0; i < 16; i += 2) {
    if (i) *at++ = ':';
    const unsigned group = unsigned{address.s6_addr[i]} << 8 | address.s6_addr[i + 1];
    at = std::to_chars(at, text + sizeof text, group, 16).ptr;
  }
  out.text.assign(text, at);
}

// What stands between the tree and the data.
constexpr uint32_t kSeparatorBytes = 16;

}  // namespace

std::optional<uint32_t> parse_ipv4(std::string_view text) {
  uint32_t out = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (at == end || *at++ != '.')) return std::nullopt;
    const char* const first = at;
    uint32_t number = 0;
    while (at != end && *at >= '0' && *at <= '9' && at - first < 3)
      number = number * 10 + static_cast<uint32_t>(*at++ - '0');
    if (at == first || number > 255 || (*first == '0' && at - first > 1)) return std::nullopt;
    out = out << 8 | number;
  }
  return at == end ? std::optional(out) : std::nullopt;
}

std::optional<GeoAddress> GeoAddress::parse(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']')
    text = text.substr(1, text.size() - 2);
  if (const size_t zone = text.find('%'); zone != text.npos) text = text.substr(0, zone);
  char buffer[INET6_ADDRSTRLEN + 1];
  if (text.empty() || text.size() >= sizeof buffer || text.find('\0') != text.npos)
    return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  GeoAddress out;
  if (in_addr v4{}; inet_pton(AF_INET, buffer, &v4) == 1) {
    set_v4(out, v4, text);  // inet_pton() takes the usual form alone
  } else if (in6_addr v6{}; inet_pton(AF_INET6, buffer, &v6) == 1) {
    if (is_mapped(v6)) {
      std::memcpy(&v4, v6.s6_addr + 12, sizeof v4);
      char usual[INET_ADDRSTRLEN];
      set_v4(out, v4, inet_ntop(AF_INET, &v4, usual, sizeof usual));
    } else {
      set_v6(out, v6);
    }
  } else {
    return std::nullopt;
  }
  return out;
}

Result<std::shared_ptr<const GeoDatabase>> GeoDatabase::open(const std::string& path) {
  std::shared_ptr<GeoDatabase> out(new GeoDatabase);
  const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &out->mmdb_);
  if (status == MMDB_FILE_OPEN_ERROR)
    return io_error(fmt::format("{}: {}", path, errno_text(errno)));
  if (status != MMDB_SUCCESS)
    return Error{Errc::bad_data,
                 fmt::format("{} is no valid MaxMind database: {}", path, MMDB_strerror(status)),
                 {}};
  out->open_ = true;
  TRY_STATUS(out->find_ipv4_root());
  if (const char* type = out->mmdb_.metadata.database_type) out->type_ = replace_invalid_utf8(type);
  out->kind_ = kind_of(out->type_);
  return std::shared_ptr<const GeoDatabase>(std::move(out));
}

GeoDatabase::~GeoDatabase() {
  if (open_) MMDB_close(&mmdb_);
}

GeoDatabase::Outcome GeoDatabase::find(const GeoAddress& address, Found& found) const {
  int status = MMDB_SUCCESS;
  const auto* socket = reinterpret_cast<const sockaddr*>(&address.socket);
  const MMDB_lookup_result_s result = MMDB_lookup_sockaddr(&mmdb_, socket, &status);
  if (status == MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR) return Outcome::not_found;
  if (status != MMDB_SUCCESS) return Outcome::damaged;
  if (!result.found_entry) return Outcome::not_found;
  found = {result.entry.offset, result.netmask};
  return Outcome::found;
}

// Layout of a node: https://maxmind.github.io/MaxMind-DB/ ("Node Layout").
uint32_t GeoDatabase::child(uint32_t node, uint32_t bit) const {
  const auto big_endian = [](const uint8_t* from, int bytes) {
    uint32_t out = 0;
    for (int i = 0; i < bytes; ++i) out = out << 8 | from[i];
    return out;
  };
  const uint8_t* at = mmdb_.file_content + size_t{node} * mmdb_.full_record_byte_size;
  switch (mmdb_.metadata.record_size) {
    case 24:
      return big_endian(at + 3 * bit, 3);
    case 28:
      return bit ? (at[3] & 15U) << 24 | big_endian(at + 4, 3)
                 : (at[3] & 240U) << 20 | big_endian(at, 3);
    default:
      return big_endian(at + 4 * bit, 4);
  }
}

// In a tree for IPv6 IPv4 addresses stand behind 96 bits of zero.
Status GeoDatabase::find_ipv4_root() {
  const auto before_data = static_cast<uint64_t>(mmdb_.data_section - mmdb_.file_content);
  const uint32_t nodes = mmdb_.metadata.node_count;
  if (uint64_t{nodes} * mmdb_.full_record_byte_size + kSeparatorBytes > before_data)
    return Error{Errc::bad_data, "the database's tree is cut off", {}};
  if (mmdb_.metadata.ip_version == 4) return ok_status();
  while (ipv4_depth_ < 96 && ipv4_root_ < nodes) {
    ipv4_root_ = child(ipv4_root_, 0);
    ++ipv4_depth_;
  }
  return ok_status();
}

GeoDatabase::Outcome GeoDatabase::find(uint32_t ipv4, Found& found) const {
  const uint32_t nodes = mmdb_.metadata.node_count;
  uint32_t node = ipv4_root_;
  uint16_t bits = 0;
  for (; bits < 32 && node < nodes; ++bits) node = child(node, ipv4 >> (31 - bits) & 1);
  if (node == nodes) return Outcome::not_found;
  const uint64_t offset = uint64_t{node} - nodes;
  if (node < nodes || offset < kSeparatorBytes ||
      offset - kSeparatorBytes >= mmdb_.data_section_size)
    return Outcome::damaged;
  found = {offset - kSeparatorBytes, static_cast<uint16_t>(ipv4_depth_ + bits)};
  return Outcome::found;
}

}  // namespace penstock
