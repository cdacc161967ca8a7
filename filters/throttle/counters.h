// Counters: how many events of a key fell into a slot of time. Shared by the workers; a worker
// holds the lock for a batch. Time is the events' own (their @timestamp).
//
// Bounded: a key without events for max_age seconds goes; when there are more than max_counters,
// max_age shrinks; at twice max_counters the older half of the keys goes at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pipeline/metrics/counter.h"

namespace penstock::throttle {

class Counters {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  // `counters_max` -1: no limit but kCountersMax.
  Counters(int64_t max_age, int64_t counters_max, SteadyTime now);

  std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
  // Counts an event; its number within its slot. REQUIRES: lock() is held.
  uint64_t count(std::string_view key, int64_t epoch, int64_t period);
  // Removes what is too old, every five seconds.
  void tidy_if_due(SteadyTime now);

  size_t size() const;  // slots
  int64_t max_age() const;
  const Counter& evicted() const { return evicted_; }

 private:
  struct Slot {
    int64_t begin;
    uint64_t count;
  };
  struct Key {
    int64_t created;
    int64_t latest;
    std::vector<Slot> slots;  // ascending
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  Key& key_of(std::string_view key, int64_t epoch);
  uint64_t& slot_of(Key& key, int64_t begin);
  void tidy();
  void adapt_age();
  void evict_half();

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Key, Hash, std::equal_to<>> keys_;
  size_t slots_ = 0;
  const int64_t max_age_wanted_;
  int64_t max_age_;
  const int64_t counters_max_;
  SteadyTime due_;
  bool warned_ = false;
  Counter evicted_;
};

}  // namespace penstock::throttle
