// The engine's addresses, and which of them answer. Session thread only.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/result.h"

namespace penstock::elastic {

// One entry of `hosts`, taken apart.
struct HostUrl {
  std::string base;  // https://es1:9200/path, without user, password and final slash
  std::string user, password;
  bool secure = false;
};

struct HostDefaults {
  std::optional<bool> secure;  // ssl_enabled, when given
  std::string path;            // the `path` option
  int port = 9200;
};

// "es1", "es1:9200", "//es1", "https://user:pass@es1:9200/path", "[::1]:9200".
Result<HostUrl> parse_host(std::string_view text, const HostDefaults& defaults);

// label:base64(host$engine$...): the address of a hosted engine.
Result<std::string> parse_cloud_id(std::string_view cloud_id);

class Hosts {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Milliseconds = std::chrono::milliseconds;

  Hosts(std::vector<HostUrl> urls, Milliseconds resurrect_delay);

  size_t size() const { return hosts_.size(); }
  const HostUrl& url(size_t host) const { return hosts_[host].url; }
  bool is_up(size_t host) const { return hosts_[host].up; }
  bool any_up() const;
  // The next host in turn that is up, other than `avoid` when there is a choice.
  std::optional<size_t> choose(std::optional<size_t> avoid = {});
  // Doesn't answer: asked again after a while, at most resurrect_delay.
  void mark_down(size_t host, TimePoint now);
  void mark_up(size_t host);
  // A host that is down and due to be asked; marks it as being asked.
  std::optional<size_t> due(TimePoint now);
  // When the next one is due.
  std::optional<TimePoint> next_due() const;

 private:
  struct Host {
    HostUrl url;
    bool up = true;  // until the opposite is seen
    bool asking = false;
    uint32_t failures = 0;
    TimePoint ask_at{};
  };

  std::vector<Host> hosts_;
  Milliseconds resurrect_delay_;
  size_t turn_ = 0;
};

}  // namespace penstock::elastic
