// Cache: texts by text, the least recently used go first, none lives longer than its time.
// Shared by the workers; thread-safe.
#pragma once

#include <chrono>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace penstock::dns {

class Cache {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  Cache(size_t entries_max, std::chrono::steady_clock::duration lifetime)
      : entries_max_(entries_max), lifetime_(lifetime) {}

  bool enabled() const { return entries_max_ > 0; }

  std::optional<std::string> find(std::string_view key, SteadyTime now) {
    if (!enabled()) return std::nullopt;
    std::lock_guard lock(mutex_);
    const auto found = places_.find(key);
    if (found == places_.end()) return std::nullopt;
    const auto entry = found->second;
    if (now >= entry->ends) {
      places_.erase(found);
      list_.erase(entry);
      return std::nullopt;
    }
    list_.splice(list_.begin(), list_, entry);
    return entry->value;
  }

  void put(std::string_view key, std::string_view value, SteadyTime now) {
    if (!enabled()) return;
    std::lock_guard lock(mutex_);
    if (const auto found = places_.find(key); found != places_.end()) {
      const auto old = found->second;
      places_.erase(found);
      list_.erase(old);
    } else if (list_.size() >= entries_max_) {
      places_.erase(list_.back().key);
      list_.pop_back();
    }
    list_.push_front({std::string(key), std::string(value), now + lifetime_});
    places_.emplace(list_.front().key, list_.begin());
  }

 private:
  struct Entry {
    std::string key, value;
    SteadyTime ends;
  };

  const size_t entries_max_;
  const std::chrono::steady_clock::duration lifetime_;
  std::mutex mutex_;
  std::list<Entry> list_;                                                    // newest first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> places_;  // keys view list_
};

}  // namespace penstock::dns
