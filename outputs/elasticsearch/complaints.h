// Keeps a fault that lasts from filling the log: each message is written once per interval, with
// how often it was held back. One thread.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "pipeline/base/log.h"

namespace penstock::elastic {

class Complaints {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kInterval{10};
  static constexpr size_t kKindsMax = 256;

  explicit Complaints(std::string source) : source_(std::move(source)) {}

  // `kind` tells faults apart, e.g. by host and cause. True when it was written.
  bool write(log::Level level, const std::string& kind, const std::string& message, TimePoint now) {
    if (seen_.size() >= kKindsMax && !seen_.count(kind)) seen_.clear();
    Seen& seen = seen_[kind];
    if (seen.any && now - seen.last < kInterval) {
      ++seen.held_back;
      return false;
    }
    const std::string more =
        seen.held_back ? " (and " + std::to_string(seen.held_back) + " times since)" : "";
    log::write(level, source_, message + more);
    seen = {now, 0, true};
    return true;
  }

 private:
  struct Seen {
    TimePoint last{};
    uint64_t held_back = 0;
    bool any = false;
  };

  std::string source_;
  std::map<std::string, Seen> seen_;
};

}  // namespace penstock::elastic
