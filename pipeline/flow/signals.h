// SignalWaiter: the main thread's way to wait for signals and for other threads at once. Blocks
// SIGINT, SIGTERM and SIGHUP in every thread started after it was made; ignores SIGPIPE and
// SIGXFSZ.
#pragma once

#include <chrono>
#include <optional>

namespace penstock {

class SignalWaiter {
 public:
  SignalWaiter();  // main thread, before any other starts
  ~SignalWaiter();
  SignalWaiter(const SignalWaiter&) = delete;
  SignalWaiter& operator=(const SignalWaiter&) = delete;

  // Any thread: wait() returns.
  void wake();
  // The number of a signal, or 0 after wake() or the timeout (empty: none).
  int wait(std::optional<std::chrono::milliseconds> timeout);

 private:
  int signal_fd_;
  int wake_fd_;
};

}  // namespace penstock
