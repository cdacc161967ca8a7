// The time that decoders stamp on events. Reading the clock costs as much as parsing some fields,
// so neighbours in a batch share a reading.
#pragma once

#include "pipeline/base/clock.h"
#include "pipeline/event/batch.h"

namespace penstock {

class EventClock {
 public:
  explicit EventClock(const Clock& clock) : clock_(&clock) {}

  // The time of the row that is about to be appended. At most kShared rows of one batch share it.
  Instant now(const Batch& batch) {
    if (batch.size() % kShared == 0 || batch.size() != next_) now_ = clock_->now();
    next_ = batch.size() + 1;
    return now_;
  }

 private:
  static constexpr uint32_t kShared = 16;
  const Clock* clock_;
  Instant now_;
  uint32_t next_ = 0;
};

}  // namespace penstock
