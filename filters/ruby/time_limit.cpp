#include "filters/ruby/time_limit.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <mutex>

namespace penstock::ruby {
namespace {

constexpr int kSignal = SIGURG;  // ignored by default, so a late tick does no harm

void unblock() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, kSignal);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

// The run that a tick on this thread is about.
thread_local TimeLimit* volatile running = nullptr;

// The thread's timer: made at its first script, kept for the thread's life.
class Ticker {
 public:
  Ticker() {
    unblock();
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = kSignal;
    event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
    made_ = timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer_) == 0;
    itimerspec period{};
    period.it_interval.tv_nsec = long{TimeLimit::kTickMs} * 1'000'000;
    period.it_value = period.it_interval;
    if (made_) timer_settime(timer_, 0, &period, nullptr);
  }
  ~Ticker() {
    if (made_) timer_delete(timer_);
  }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;
  void touch() {}

 private:
  timer_t timer_{};
  bool made_ = false;
};

}  // namespace

void time_limit_tick(int) {
  TimeLimit* const limit = running;
  if (!limit) return;
  const uint32_t ticks = limit->ticks_ + 1;
  limit->ticks_ = ticks;
  if (ticks <= limit->ticks_max_ || limit->native_ != 0) return;
  running = nullptr;
  longjmp(limit->out_, 1);
}

namespace {

void take_ticks() {
  struct sigaction action {};
  action.sa_handler = time_limit_tick;
  action.sa_flags = SA_RESTART;
  sigaction(kSignal, &action, nullptr);
}

}  // namespace

TimeLimit::TimeLimit(uint32_t limit_ms) : ticks_max_(std::max(limit_ms / kTickMs, 1u)) {
  static std::once_flag once;
  std::call_once(once, take_ticks);
}

void TimeLimit::enter() {
  native_ = native_ + 1;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

void TimeLimit::leave() {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  native_ = native_ - 1;
}

bool TimeLimit::run(void (*body)(void*), void* data) {
  thread_local Ticker ticker;
  ticker.touch();
  ticks_ = 0;
  native_ = 0;
  if (_setjmp(out_) == 0) {
    running = this;
    body(data);
    running = nullptr;
    return true;
  }
  unblock();  // the handler's own block, which it was left with
  return false;
}

}  // namespace penstock::ruby
