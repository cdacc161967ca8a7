// EventCount: lets threads sleep until a lock-free structure changes, with no lock on the way in.
//
//   waiter                                     notifier
//   key = prepare();                           change the structure (seq_cst)
//   if (look again finds work) cancel();       notify_one();
//   else wait(key, timeout);
//
// No wake-up is lost: prepare() and the change are both seq_cst, so either the waiter's second look
// sees the change or notify sees the waiter. A notify without waiters is one load. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace penstock {

class EventCount {
 public:
  using Timeout = std::optional<std::chrono::nanoseconds>;  // empty: for ever

  uint32_t prepare() {
    waiters_.fetch_add(1, std::memory_order_seq_cst);
    return epoch_.load(std::memory_order_seq_cst);
  }
  void cancel() { waiters_.fetch_sub(1, std::memory_order_relaxed); }
  // Returns after a notify since prepare(), after the timeout, or for no reason.
  void wait(uint32_t key, Timeout timeout = {});

  void notify_one() {
    if (waiters_.load(std::memory_order_seq_cst)) wake(1);
  }
  void notify_all() {
    if (waiters_.load(std::memory_order_seq_cst)) wake(kAll);
  }

 private:
  static constexpr int kAll = 0x7fffffff;
  void wake(int count);

  std::atomic<uint32_t> epoch_{0};
  std::atomic<uint32_t> waiters_{0};
};

}  // namespace penstock
