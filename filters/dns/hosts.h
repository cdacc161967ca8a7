// Hosts: files like /etc/hosts, and what /etc/resolv.conf says. Read at start; immutable.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace penstock::dns {

class Hosts {
 public:
  // Lines of an address and its names; what was there before wins.
  void add(std::string_view text);

  const std::string* address_of(const std::string& name) const { return find(addresses_, name); }
  const std::string* name_of(const std::string& address) const { return find(names_, address); }

 private:
  using Map = std::unordered_map<std::string, std::string>;
  static const std::string* find(const Map& map, const std::string& key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
  }
  Map addresses_, names_;
};

struct SystemServers {
  std::vector<std::string> nameservers;
  std::vector<std::string> search;
  int ndots = 1;
};
SystemServers parse_resolv_conf(std::string_view text);

}  // namespace penstock::dns
