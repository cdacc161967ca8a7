// RingIntake: the inputs' way into the ring, and the workers' way out. An input whose parcel is
// refused is remembered and resumed when the ring has emptied to half; workers sleep here when
// there is nothing to do. Any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "pipeline/flow/event_count.h"
#include "pipeline/flow/ring_buffer.h"
#include "pipeline/plugin/input.h"

namespace penstock {

class RingIntake : public Intake {
 public:
  explicit RingIntake(uint32_t parcels_max = limits::kRingParcelsMax,
                      size_t bytes_max = limits::kRingBytesMax)
      : ring_(parcels_max, bytes_max) {}

  // Called once for each input that says it has finished. Before inputs start.
  void on_finished(std::function<void(Input&)> finished) { finished_ = std::move(finished); }

  bool offer(Input& input, std::unique_ptr<Parcel>& parcel) override;
  void finished(Input& input) override { finished_(input); }

  // Worker: the next parcel, or nullptr. Wakes refused inputs when there is room.
  std::unique_ptr<Parcel> try_take();
  // Worker: what `try_take` (which looks here) gives, but sleeps when that is nothing. nullptr
  // after the timeout, after close() when the ring is empty, once `leave` is true (followed by
  // wake_workers()), or for no reason.
  template <class TryTake>
  std::unique_ptr<Parcel> take(EventCount::Timeout timeout, const std::atomic<bool>& leave,
                               TryTake try_take_once) {
    const uint32_t key = ready_.prepare();
    if (auto parcel = try_take_once()) {
      ready_.cancel();
      return parcel;
    }
    // seq_cst: either this sees the flag, or the waker sees the sleeper.
    if (closed() || leave.load(std::memory_order_seq_cst)) {
      ready_.cancel();
      return nullptr;
    }
    ready_.wait(key, timeout);
    return try_take_once();
  }
  void wake_workers() { ready_.notify_all(); }
  // The input is about to be destroyed: it is not resumed any more. REQUIRES: it was stopped.
  void forget(const Input& input);

  // No offers will come any more: take() stops sleeping.
  void close();
  // close(), and nothing is taken any more.
  void abandon();
  // REQUIRES: no worker takes any more. Destroys what is left, so its tokens settle as replay.
  void clear();
  bool closed() const { return closed_.load(std::memory_order_seq_cst); }

  uint32_t queued() const { return ring_.size(); }
  size_t queued_bytes() const { return ring_.bytes(); }
  uint32_t capacity() const { return ring_.capacity(); }
  size_t bytes_max() const { return ring_.bytes_max(); }
  const Counter& refusals() const { return refusals_; }

 private:
  bool push(std::unique_ptr<Parcel>& parcel);
  void remember(Input& input);
  void wake_refused();

  RingBuffer<Parcel> ring_;
  EventCount ready_;
  std::atomic<bool> closed_{false};
  std::atomic<bool> abandoned_{false};
  // seq_cst: set before the refused input's second try, read after a pop, so that one of the two
  // sees the other.
  std::atomic<bool> any_refused_{false};
  std::mutex waking_;  // held while inputs are resumed; before mutex_
  std::mutex mutex_;   // refused_
  std::vector<Input*> refused_;
  Counter refusals_;
  std::function<void(Input&)> finished_ = [](Input&) {};
};

}  // namespace penstock
