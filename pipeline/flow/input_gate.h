// InputGate: an input's own way into the ring, so that one input can be added, kept or removed
// while the pipeline runs. Closed until the workers know how to decode what it brings; a refused
// input is told when the gate opens. It also tells when the last token of the input has settled.
//
// Any thread, but open(), retire() and settled(): the main thread.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <memory>

#include "pipeline/flow/intake.h"

namespace penstock {

class InputGate : public Intake {
 public:
  InputGate(RingIntake& ring, std::function<void()> ended)
      : ring_(ring), ended_changed_(std::move(ended)), alive_(std::make_shared<Alive>()) {
    settled_ = alive_->gone.get_future();
  }

  bool offer(Input& input, std::unique_ptr<Parcel>& parcel) override {
    // acquire: pairs with open(). Refused here, the input is resumed by open().
    if (!open_.load(std::memory_order_acquire)) return false;
    parcel->token.hold(alive_);
    return ring_.offer(input, parcel);
  }
  void finished(Input&) override {
    ended_.store(true, std::memory_order_release);
    ended_changed_();
  }

  void open(Input& input) {
    open_.store(true, std::memory_order_release);
    input.resume();
  }
  bool ended() const { return ended_.load(std::memory_order_acquire); }
  // REQUIRES: the input was stopped. settled() becomes true with its last token's verdict.
  void retire() { alive_.reset(); }
  // Waits for it, at most so long.
  bool settled(std::chrono::milliseconds patience) const {
    return settled_.wait_for(patience) == std::future_status::ready;
  }

 private:
  struct Alive {
    std::promise<void> gone;
    ~Alive() { gone.set_value(); }
  };

  RingIntake& ring_;
  std::function<void()> ended_changed_;
  std::shared_ptr<Alive> alive_;  // held by each token under way
  std::future<void> settled_;
  std::atomic<bool> open_{false};
  std::atomic<bool> ended_{false};
};

}  // namespace penstock
