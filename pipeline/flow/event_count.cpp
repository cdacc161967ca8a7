#include "pipeline/flow/event_count.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

namespace penstock {

// std::atomic::wait has no timeout, and ticks need one; hence the futex itself.
static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t));

void EventCount::wait(uint32_t key, Timeout timeout) {
  timespec span{};
  if (timeout) {
    const auto ns = std::max(timeout->count(), int64_t{0});
    span.tv_sec = ns / 1'000'000'000;
    span.tv_nsec = ns % 1'000'000'000;
  }
  // The kernel compares the epoch again under its own lock, so a notify in between is seen.
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(&epoch_), FUTEX_WAIT_PRIVATE, key,
          timeout ? &span : nullptr, nullptr, 0);
  waiters_.fetch_sub(1, std::memory_order_relaxed);
}

void EventCount::wake(int count) {
  epoch_.fetch_add(1, std::memory_order_seq_cst);
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(&epoch_), FUTEX_WAKE_PRIVATE, count, nullptr,
          nullptr, 0);
}

}  // namespace penstock
