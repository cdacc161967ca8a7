#include "pipeline/flow/signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>

#include "pipeline/base/check.h"

namespace penstock {

SignalWaiter::SignalWaiter() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, number);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a write past the limit of file sizes fails like one to a full disk
  signal_fd_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  CHECK(signal_fd_ >= 0 && wake_fd_ >= 0, "no descriptors for signals");
}

SignalWaiter::~SignalWaiter() {
  close(signal_fd_);
  close(wake_fd_);
}

void SignalWaiter::wake() {
  const uint64_t one = 1;
  (void)!write(wake_fd_, &one, sizeof one);
}

int SignalWaiter::wait(std::optional<std::chrono::milliseconds> timeout) {
  pollfd fds[] = {{signal_fd_, POLLIN, 0}, {wake_fd_, POLLIN, 0}};
  if (poll(fds, 2, timeout ? static_cast<int>(timeout->count()) : -1) <= 0) return 0;
  uint64_t count = 0;
  if (fds[1].revents) (void)!read(wake_fd_, &count, sizeof count);
  signalfd_siginfo info{};
  if (fds[0].revents && read(signal_fd_, &info, sizeof info) == sizeof info)
    return static_cast<int>(info.ssi_signo);
  return 0;
}

}  // namespace penstock
