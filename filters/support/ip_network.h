// IP addresses and networks as Ruby's IPAddr reads and prints them, and sets of networks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

class IpNetwork {
 public:
  // "10.1.2.3", "10.0.0.0/8", "10.0.0.0/255.0.0.0", "fe80::1%eth0", "[::1]/64". A part behind "/"
  // masks the address.
  static std::optional<IpNetwork> parse(std::string_view text);

  bool is_v6() const { return v6_; }
  // Sets all bits behind the first `prefix` to zero. False: an address has no so many.
  bool mask(unsigned prefix);
  // The address alone: "10.0.0.0", "fe80::1".
  std::string text() const;

  using Bytes = std::array<uint8_t, 16>;  // IPv4: the first four
  const Bytes& first() const { return bytes_; }
  Bytes last() const;

 private:
  unsigned bits() const { return v6_ ? 128 : 32; }
  Bytes bytes_{};
  unsigned prefix_ = 0;
  bool v6_ = false;
};

// Whether an address lies in one of many networks: a search in sorted ranges.
class IpSet {
 public:
  explicit IpSet(const std::vector<IpNetwork>& networks);
  IpSet() = default;
  bool contains(const IpNetwork& address) const;
  bool empty() const { return ranges_[0].empty() && ranges_[1].empty(); }

 private:
  struct Range {
    IpNetwork::Bytes first, last;
  };
  std::array<std::vector<Range>, 2> ranges_;  // IPv4, IPv6; sorted, apart from each other
};

}  // namespace penstock
