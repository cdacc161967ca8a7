// Time as a parameter: whatever waits or stamps takes a Clock&, so that tests own time.
// Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>

namespace penstock {

// A moment of the calendar: seconds since 1970-01-01T00:00:00Z (may be negative) and nanoseconds
// 0..999'999'999 within the second. Covers the years that Logstash's timestamps cover.
struct Instant {
  int64_t seconds = 0;
  uint32_t nanoseconds = 0;

  friend auto operator<=>(const Instant&, const Instant&) = default;
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;                                   // wall clock
  virtual std::chrono::steady_clock::time_point steady() const = 0;  // for intervals

  static const Clock& system();
};

// A clock that stands still until a test moves it.
class ManualClock : public Clock {
 public:
  explicit ManualClock(Instant now = {1'700'000'000, 0}) : now_(now) {}
  Instant now() const override { return now_; }
  std::chrono::steady_clock::time_point steady() const override { return steady_; }
  void advance(std::chrono::nanoseconds by);

 private:
  Instant now_;
  std::chrono::steady_clock::time_point steady_{};
};

}  // namespace penstock
