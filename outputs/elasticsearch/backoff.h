// How long to wait before another attempt, and how many requests to have in flight.
// Values; thread-safe only as their owners are.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace penstock::elastic {

// Doubles from `initial` to `max`; each wait is drawn from its upper half, so that clients that
// failed together don't come back together.
class Backoff {
 public:
  using Milliseconds = std::chrono::milliseconds;

  Backoff(Milliseconds initial, Milliseconds max, uint64_t seed)
      : initial_(std::max(initial, Milliseconds(1))), max_(std::max(max, initial_)), state_(seed) {}

  // REQUIRES: attempt >= 1, the number of failures so far.
  Milliseconds wait(uint32_t attempt) {
    Milliseconds full = initial_;
    for (uint32_t i = 1; i < attempt && full < max_; ++i) full *= 2;
    full = std::min(full, max_);
    const auto half = full.count() / 2;
    return Milliseconds(full.count() -
                        static_cast<int64_t>(next() % (static_cast<uint64_t>(half) + 1)));
  }

 private:
  uint64_t next() {  // splitmix64
    uint64_t x = state_ += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
  }

  Milliseconds initial_, max_;
  uint64_t state_;
};

// Additive increase, multiplicative decrease, as TCP does: the engine's answers say how many
// requests at a time it takes.
class Concurrency {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit Concurrency(uint32_t max)
      : max_(std::max(max, 1U)), limit_(std::min(2.0, double(max_))) {}

  uint32_t limit() const { return static_cast<uint32_t>(limit_); }
  void answered() { limit_ = std::min(limit_ + 1 / limit_, double(max_)); }
  // The engine is overloaded. Requests that were in flight together count once.
  void overloaded(TimePoint sent, TimePoint now) {
    if (sent < last_cut_) return;
    limit_ = std::max(limit_ / 2, 1.0);
    last_cut_ = now;
  }

 private:
  uint32_t max_;
  double limit_;
  TimePoint last_cut_{};
};

}  // namespace penstock::elastic
