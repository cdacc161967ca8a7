#include "filters/support/ip_network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "pipeline/base/text.h"

namespace penstock {
namespace {

// The number of leading ones of a mask like 255.255.0.0; empty when it is no such mask.
std::optional<unsigned> prefix_of_mask(const IpNetwork::Bytes& mask, unsigned bits) {
  unsigned prefix = 0;
  const auto is_set = [&](unsigned bit) { return (mask[bit / 8] >> (7 - bit % 8) & 1) != 0; };
  while (prefix < bits && is_set(prefix)) ++prefix;
  for (unsigned bit = prefix; bit < bits; ++bit)
    if (is_set(bit)) return std::nullopt;
  return prefix;
}

bool parse_address(std::string_view text, IpNetwork::Bytes& out, bool& v6) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  v6 = text.find(':') != text.npos;
  if (v6) text = text.substr(0, text.find('%'));
  char buffer[INET6_ADDRSTRLEN + 1] = {};
  if (text.size() >= sizeof buffer) return false;
  std::copy(text.begin(), text.end(), buffer);
  return inet_pton(v6 ? AF_INET6 : AF_INET, buffer, out.data()) == 1;
}

}  // namespace

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  IpNetwork out;
  const size_t slash = text.find('/');
  if (!parse_address(text.substr(0, slash), out.bytes_, out.v6_)) return std::nullopt;
  out.prefix_ = out.bits();
  if (slash == text.npos) return out;
  const std::string_view mask = text.substr(slash + 1);
  if (const auto prefix = parse_integer(mask); prefix && mask.find_first_of("+-") == mask.npos)
    return *prefix <= out.bits() && out.mask(static_cast<unsigned>(*prefix)) ? std::optional(out)
                                                                             : std::nullopt;
  Bytes bytes{};
  bool v6 = false;
  if (!parse_address(mask, bytes, v6) || v6 != out.v6_) return std::nullopt;
  const auto prefix = prefix_of_mask(bytes, out.bits());
  return prefix && out.mask(*prefix) ? std::optional(out) : std::nullopt;
}

bool IpNetwork::mask(unsigned prefix) {
  if (prefix > bits()) return false;
  prefix_ = std::min(prefix_, prefix);
  for (unsigned bit = prefix; bit < bits(); ++bit)
    bytes_[bit / 8] = static_cast<uint8_t>(bytes_[bit / 8] & ~(0x80U >> bit % 8));
  return true;
}

std::string IpNetwork::text() const {
  char out[INET6_ADDRSTRLEN] = {};
  inet_ntop(v6_ ? AF_INET6 : AF_INET, bytes_.data(), out, sizeof out);
  return out;
}

IpNetwork::Bytes IpNetwork::last() const {
  Bytes out = bytes_;
  for (unsigned bit = prefix_; bit < bits(); ++bit)
    out[bit / 8] = static_cast<uint8_t>(out[bit / 8] | 0x80U >> bit % 8);
  return out;
}

IpSet::IpSet(const std::vector<IpNetwork>& networks) {
  for (const IpNetwork& network : networks)
    ranges_[network.is_v6()].push_back({network.first(), network.last()});
  for (auto& ranges : ranges_) {
    std::sort(ranges.begin(), ranges.end(),
              [](const Range& a, const Range& b) { return a.first < b.first; });
    std::vector<Range> apart;
    for (const Range& range : ranges) {
      if (!apart.empty() && range.first <= apart.back().last)
        apart.back().last = std::max(apart.back().last, range.last);
      else
        apart.push_back(range);
    }
    ranges = std::move(apart);
  }
}

bool IpSet::contains(const IpNetwork& address) const {
  const auto& ranges = ranges_[address.is_v6()];
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), address.first(),
                       [](const IpNetwork::Bytes& at, const Range& r) { return at < r.first; });
  return after != ranges.begin() && address.last() <= std::prev(after)->last;
}

}  // namespace penstock
