// EventLoop: a libuv loop on a thread of its own. Handles belong to that thread; post() is the way
// in from others. stop() closes what is still open, runs the loop dry and joins.
#pragma once

#include <uv.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace penstock {

class EventLoop {
 public:
  explicit EventLoop(std::string thread_name);  // the thread starts at once; at most 15 characters
  ~EventLoop();                                 // stop()

  uv_loop_t* uv() { return &loop_; }
  // Any thread. Runs on the loop's thread, in order; after stop() it is dropped.
  void post(std::function<void()> work);
  // Any thread but the loop's: post() and wait until it ran.
  void run(std::function<void()> work);
  void stop();
  bool on_loop_thread() const { return std::this_thread::get_id() == thread_.get_id(); }

 private:
  void drain();

  uv_loop_t loop_{};
  uv_async_t wake_{};
  std::mutex mutex_;  // work_, stopping_
  std::vector<std::function<void()>> work_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace penstock
