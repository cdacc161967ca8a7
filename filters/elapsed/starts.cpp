#include "filters/elapsed/starts.h"

#include <utility>

namespace penstock::elapsed {

void Starts::begin(std::string_view id, Instant stamp, SteadyTime now) {
  std::lock_guard lock(mutex_);
  if (const auto found = places_.find(id); found != places_.end()) {
    if (keep_first_) return;
    found->second->stamp = stamp;
    found->second->arrived = now;
    list_.splice(list_.end(), list_, found->second);
    return;
  }
  if (list_.size() >= kStartsMax) expire_oldest(now);
  list_.push_back({std::string(id), stamp, now});
  places_.emplace(list_.back().id, std::prev(list_.end()));
}

std::optional<Instant> Starts::end(std::string_view id) {
  std::lock_guard lock(mutex_);
  const auto found = places_.find(id);
  if (found == places_.end()) return std::nullopt;
  const List::iterator start = found->second;
  const Instant stamp = start->stamp;
  places_.erase(found);
  list_.erase(start);
  return stamp;
}

void Starts::expire_oldest(SteadyTime now) {
  const Start& oldest = list_.front();
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - oldest.arrived);
  places_.erase(oldest.id);
  // Nobody fetched the last million: they are lost, as they would be in a crash.
  if (expired_.size() >= kStartsMax) expired_.clear();
  expired_.push_back({oldest.id, oldest.stamp, age.count()});
  list_.pop_front();
}

std::vector<Starts::Expired> Starts::take_expired(SteadyTime now) {
  std::lock_guard lock(mutex_);
  while (!list_.empty() && now - list_.front().arrived >= timeout_) expire_oldest(now);
  return std::exchange(expired_, {});
}

size_t Starts::size() const {
  std::lock_guard lock(mutex_);
  return list_.size();
}

}  // namespace penstock::elapsed
