// InputGate: an input's own way into the ring, so that one input can be added, kept or removed
// while the pipeline runs. Closed until the workers know how to decode what it brings; an input
// that was refused here is told when the gate opens. It also tells when every parcel of the input
// has been answered for.
//
// offer() and finished(): any thread. The rest: the main thread.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>

#include "pipeline/flow/intake.h"

namespace penstock {

class InputGate : public Intake {
 public:
  InputGate(RingIntake& ring, std::function<void()> ended)
      : ring_(ring), ended_changed_(std::move(ended)) {}

  bool offer(Input& input, std::unique_ptr<Parcel>& parcel) override {
    std::lock_guard lock(mutex_);  // the intake never calls back, so this is short
    if (!alive_) return false;
    parcel->token.hold(alive_);
    if (ring_.offer(input, parcel)) return true;
    parcel->token.hold({});  // one that waits with its input is not under way
    return false;
  }
  void finished(Input&) override {
    ended_.store(true, std::memory_order_release);
    ended_changed_();
  }
  bool ended() const { return ended_.load(std::memory_order_acquire); }

  void open(Input& input) {
    {
      std::lock_guard lock(mutex_);
      alive_ = std::make_shared<Alive>();
      settled_ = alive_->gone.get_future();
    }
    input.resume();
  }
  // Nothing passes from now on.
  void close() {
    std::shared_ptr<Alive> last;  // goes outside of the lock
    std::lock_guard lock(mutex_);
    last.swap(alive_);
  }
  // After close(): waits until what has passed is answered for, at most so long.
  bool settled(std::chrono::milliseconds patience) const {
    return !settled_.valid() || settled_.wait_for(patience) == std::future_status::ready;
  }

 private:
  struct Alive {
    std::promise<void> gone;
    ~Alive() { gone.set_value(); }
  };

  RingIntake& ring_;
  std::function<void()> ended_changed_;
  std::mutex mutex_;              // alive_
  std::shared_ptr<Alive> alive_;  // null: closed. Held by each token under way
  std::future<void> settled_;
  std::atomic<bool> ended_{false};
};

}  // namespace penstock
