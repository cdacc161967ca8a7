// TimeLimit: cuts off a script that runs too long, whatever it is doing.
//
// mruby can be asked to count instructions only when it was built for a debugger, and Debian's
// isn't. So a timer of the thread's own processor time sends SIGURG to the thread a few times a
// second, and the handler leaves the script with longjmp once its time is up. What the script had
// is then half-changed, and the caller must throw the whole interpreter away: that is why nothing
// of an interpreter lies outside of its Heap.
//
// Code that must not be left half-way (the allocator, anything that touches an event) holds a
// Native: the handler lets it finish and comes again with the next tick.
//
// A thread that runs no script only pays for the ticks: ten per second of processor time.
#pragma once

#include <csetjmp>
#include <csignal>
#include <cstdint>

namespace penstock::ruby {

class TimeLimit {
 public:
  static constexpr uint32_t kTickMs = 100;

  explicit TimeLimit(uint32_t limit_ms);

  // Calls body(data). False when it was cut off. Not reentrant.
  bool run(void (*body)(void*), void* data);

  // While one lives the script isn't cut off. Nests.
  class Native {
   public:
    explicit Native(TimeLimit& limit) : limit_(limit) { limit_.enter(); }
    ~Native() { limit_.leave(); }
    Native(const Native&) = delete;
    Native& operator=(const Native&) = delete;

   private:
    TimeLimit& limit_;
  };

 private:
  friend void time_limit_tick(int);
  void enter();
  void leave();

  const uint32_t ticks_max_;
  // Shared with the handler, on the same thread.
  volatile sig_atomic_t native_ = 0;
  volatile uint32_t ticks_ = 0;
  jmp_buf out_;
};

}  // namespace penstock::ruby
