// Starts: the start events that wait for their end. Shared by the workers; thread-safe.
//
// Bounded: the oldest of more than kStartsMax expires early.
#pragma once

#include <chrono>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pipeline/base/clock.h"

namespace penstock::elapsed {

class Starts {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  static constexpr size_t kStartsMax = 1'000'000;

  struct Expired {
    std::string id;
    Instant stamp;
    int64_t age_seconds;
  };

  Starts(std::chrono::seconds timeout, bool keep_first)
      : timeout_(timeout), keep_first_(keep_first) {}

  void begin(std::string_view id, Instant stamp, SteadyTime now);
  // The start's @timestamp, which is forgotten with it.
  std::optional<Instant> end(std::string_view id);
  // Takes out what waited for `timeout`.
  std::vector<Expired> take_expired(SteadyTime now);
  size_t size() const;

 private:
  struct Start {
    std::string id;
    Instant stamp;
    SteadyTime arrived;
  };
  using List = std::list<Start>;
  void expire_oldest(SteadyTime now);

  const std::chrono::seconds timeout_;
  const bool keep_first_;
  mutable std::mutex mutex_;
  List list_;                                                    // by arrival
  std::unordered_map<std::string_view, List::iterator> places_;  // keys view list_
  std::vector<Expired> expired_;
};

}  // namespace penstock::elapsed
