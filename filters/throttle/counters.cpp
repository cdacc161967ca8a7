// Slots, and how max_age adapts: logstash-filter-throttle (throttle.rb).
#include "filters/throttle/counters.h"

#include <algorithm>
#include <utility>

#include "pipeline/base/log.h"

namespace penstock::throttle {
namespace {

constexpr int64_t kCountersMax = 10'000'000;  // where the option says there is no limit
constexpr std::chrono::seconds kTidyInterval{5};
// max_age adapts in steps of 5 % between 5 % and 100 %; it grows again below 80 % of max_counters.
constexpr int64_t kStepPercent = 5, kLowestPercent = 5, kGrowPercent = 80;

// The remainder with the divisor's sign, as in Ruby.
int64_t modulo(int64_t value, int64_t divisor) {
  const int64_t rest = value % divisor;
  return rest != 0 && (rest < 0) != (divisor < 0) ? rest + divisor : rest;
}

}  // namespace

Counters::Counters(int64_t max_age, int64_t counters_max, SteadyTime now)
    : max_age_wanted_(max_age),
      max_age_(max_age),
      counters_max_(counters_max < 0 ? kCountersMax : counters_max),
      due_(now + kTidyInterval) {}

uint64_t Counters::count(std::string_view key, int64_t epoch, int64_t period) {
  Key& held = key_of(key, epoch);
  held.latest = std::max(held.latest, epoch);
  const uint64_t count = ++slot_of(held, epoch - modulo(epoch - held.created, period));
  const int64_t oldest = held.slots.back().begin - max_age_;
  const auto kept = std::find_if(held.slots.begin(), held.slots.end(),
                                 [&](const Slot& slot) { return slot.begin >= oldest; });
  slots_ -= static_cast<size_t>(kept - held.slots.begin());
  held.slots.erase(held.slots.begin(), kept);
  return count;
}

Counters::Key& Counters::key_of(std::string_view key, int64_t epoch) {
  if (const auto found = keys_.find(key); found != keys_.end()) return found->second;
  if (static_cast<int64_t>(slots_) >= std::max<int64_t>(counters_max_, 1) * 2) evict_half();
  return keys_.emplace(key, Key{epoch, epoch, {}}).first->second;
}

uint64_t& Counters::slot_of(Key& key, int64_t begin) {
  auto at = key.slots.end();
  while (at != key.slots.begin() && std::prev(at)->begin > begin) --at;
  if (at != key.slots.begin() && std::prev(at)->begin == begin) return std::prev(at)->count;
  ++slots_;
  return key.slots.insert(at, {begin, 0})->count;
}

void Counters::evict_half() {
  std::vector<int64_t> latest;
  for (const auto& [name, key] : keys_) latest.push_back(key.latest);
  const auto middle = latest.begin() + static_cast<int64_t>(latest.size() / 2);
  std::nth_element(latest.begin(), middle, latest.end());
  const int64_t limit = *middle;
  evicted_.add(std::erase_if(keys_, [&](const auto& entry) {
    if (entry.second.latest > limit) return false;
    slots_ -= entry.second.slots.size();
    return true;
  }));
  if (std::exchange(warned_, true)) return;
  log::warn("throttle",
            "twice max_counters are in use and the older keys were forgotten (said once); take a "
            "key with fewer values");
}

void Counters::tidy_if_due(SteadyTime now) {
  std::unique_lock held(mutex_, std::try_to_lock);
  if (!held || now < due_) return;
  due_ = now + kTidyInterval;
  tidy();
  adapt_age();
}

void Counters::tidy() {
  int64_t latest = 0;
  for (const auto& [name, key] : keys_) latest = std::max(latest, key.latest);
  std::erase_if(keys_, [&](const auto& entry) {
    if (entry.second.latest >= latest - max_age_) return false;
    slots_ -= entry.second.slots.size();
    return true;
  });
}

void Counters::adapt_age() {
  const auto total = static_cast<int64_t>(slots_);
  const int64_t step = max_age_wanted_ * kStepPercent / 100;
  if (total > counters_max_ && max_age_ > max_age_wanted_ * kLowestPercent / 100) {
    max_age_ -= step;
    log::warn("throttle", "{} counters are more than max_counters: max_age is {} s now", total,
              max_age_);
  } else if (max_age_ < max_age_wanted_ && total < counters_max_ * kGrowPercent / 100) {
    max_age_ += step;
  }
}

size_t Counters::size() const {
  std::lock_guard held(mutex_);
  return slots_;
}

int64_t Counters::max_age() const {
  std::lock_guard held(mutex_);
  return max_age_;
}

}  // namespace penstock::throttle
