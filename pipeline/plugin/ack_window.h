// AckWindow: the positions of one stream that were handed out and not yet settled. An input opens
// a position per parcel and gives it a mark (a file offset: the byte after the parcel's last
// record); low_water() is the mark up to which everything is settled, the only thing that may be
// written down.
//
//   AckWindow window(offset_at_start);
//   auto sequence = window.open(offset_after);       // empty: full, stop reading
//   parcel->token = AckToken(*this, {stream, *sequence});
//   ... settle(position, verdict) { window.settle(position.sequence, verdict); }
//   ... checkpoint: write window.low_water()
//
// Positions settle in any order, on any thread; opening is the loop thread's. A position that
// settles as replay stays open for ever: the low water stops before it, so a restart reads it
// again. 16 bytes per open position, at most `open_max` of them. Uses nothing of flow/, so inputs
// may include it. Tested by ack_window_test.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "pipeline/base/check.h"
#include "pipeline/base/limits.h"
#include "pipeline/plugin/ack.h"

namespace penstock {

class AckWindow {
 public:
  explicit AckWindow(uint64_t start = 0, uint32_t open_max = limits::kAckOpenMax)
      : open_max_(open_max), low_water_(start) {}

  // The next sequence, ascending from 0. Empty when open_max positions are open: stop reading until
  // one settles.
  std::optional<uint64_t> open(uint64_t mark) {
    std::lock_guard lock(mutex_);
    if (next_ - first_ >= open_max_) return std::nullopt;
    if (next_ - first_ == slots_.size()) grow();
    slot(next_) = {mark, State::open};
    return next_++;
  }

  // REQUIRES: the sequence came from open() and is settled once.
  void settle(uint64_t sequence, Verdict verdict = Verdict::done) noexcept {
    std::lock_guard lock(mutex_);
    CHECK(sequence >= first_ && sequence < next_, "a position settles once");
    CHECK(slot(sequence).state == State::open, "a position settles once");
    slot(sequence).state = verdict == Verdict::done ? State::done : State::replay;
    if (verdict == Verdict::replay) ++replays_;
    for (; first_ < next_ && slot(first_).state == State::done; ++first_)
      low_water_ = slot(first_).mark;
  }

  // The mark of the last position before which nothing is open; the start's before any settled.
  uint64_t low_water() const {
    std::lock_guard lock(mutex_);
    return low_water_;
  }

  // Whether every position settled as done.
  bool all_done() const {
    std::lock_guard lock(mutex_);
    return first_ == next_;
  }

  // Positions that hold the low water back or lie behind one that does.
  uint64_t pending() const {
    std::lock_guard lock(mutex_);
    return next_ - first_;
  }

  // Positions that settled as replay: they will be read again after a restart.
  uint64_t replays() const {
    std::lock_guard lock(mutex_);
    return replays_;
  }

 private:
  enum class State : uint8_t { open, done, replay };
  struct Slot {
    uint64_t mark;
    State state;
  };

  Slot& slot(uint64_t sequence) { return slots_[sequence & (slots_.size() - 1)]; }

  // A power of two, so that slot() is a mask; a stream that never has more than a few positions
  // open stays at a few hundred bytes.
  void grow() {
    std::vector<Slot> bigger(std::max<size_t>(16, slots_.size() * 2));
    for (uint64_t s = first_; s < next_; ++s) bigger[s & (bigger.size() - 1)] = slot(s);
    slots_ = std::move(bigger);
  }

  mutable std::mutex mutex_;  // everything below; held for a few instructions, per parcel
  std::vector<Slot> slots_;
  uint64_t first_ = 0;  // the oldest position that isn't done
  uint64_t next_ = 0;
  uint32_t open_max_;
  uint64_t low_water_;
  uint64_t replays_ = 0;
};

}  // namespace penstock
