// Tasks: the maps of one task_id pattern, in the order in which they were made. The maps
// themselves are objects of the group's interpreter. Under the group's lock.
#pragma once

#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "filters/ruby/interpreter.h"
#include "pipeline/base/clock.h"

namespace penstock::aggregate {

// Seconds since 1970 with their fraction.
inline double seconds_of(const Instant& instant) {
  return static_cast<double>(instant.seconds) + instant.nanoseconds * 1e-9;
}

struct Task {
  std::string id;
  ruby::Held map = 0;
  // By the clock, and by the events where `timeout_timestamp_field` says so.
  double created = 0, last = 0;
  double created_by_events = 0, last_by_events = 0;
  // What the code set for this map alone.
  std::optional<double> timeout, inactivity_timeout;
};

class Tasks {
 public:
  using Place = std::list<Task>::iterator;

  bool empty() const { return list_.empty(); }
  size_t size() const { return list_.size(); }
  Task* find(std::string_view id) {
    const auto found = places_.find(id);
    return found == places_.end() ? nullptr : &*found->second;
  }
  Task& add(std::string_view id) {
    list_.push_back({std::string(id), 0, 0, 0, 0, 0, {}, {}});
    places_.emplace(list_.back().id, std::prev(list_.end()));
    return list_.back();
  }
  Task& oldest() { return list_.front(); }  // REQUIRES: !empty()
  void erase(const Task& task) {
    const auto found = places_.find(task.id);
    const Place place = found->second;
    places_.erase(found);
    list_.erase(place);
  }
  void clear() {
    places_.clear();
    list_.clear();
  }
  std::list<Task>& list() { return list_; }

 private:
  std::list<Task> list_;
  std::unordered_map<std::string_view, Place> places_;  // keys view list_
};

}  // namespace penstock::aggregate
