#include "pipeline/base/clock.h"

#include <ctime>

namespace penstock {
namespace {

class SystemClock : public Clock {
 public:
  Instant now() const override {
    timespec t{};
    clock_gettime(CLOCK_REALTIME, &t);
    return {t.tv_sec, static_cast<uint32_t>(t.tv_nsec)};
  }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::now();
  }
};

}  // namespace

const Clock& Clock::system() {
  static const SystemClock clock;
  return clock;
}

void ManualClock::advance(std::chrono::nanoseconds by) {
  steady_ += by;
  const int64_t total = static_cast<int64_t>(now_.nanoseconds) + by.count();
  now_.seconds += total / 1'000'000'000;
  now_.nanoseconds = static_cast<uint32_t>(total % 1'000'000'000);
}

}  // namespace penstock
