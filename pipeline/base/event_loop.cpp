#include "pipeline/base/event_loop.h"

#include <pthread.h>

#include <condition_variable>

#include "pipeline/base/check.h"

namespace penstock {

EventLoop::EventLoop(std::string thread_name) {
  CHECK(uv_loop_init(&loop_) == 0, "no loop");
  CHECK(uv_async_init(&loop_, &wake_,
                      [](uv_async_t* wake) { static_cast<EventLoop*>(wake->data)->drain(); }) == 0,
        "no async handle");
  wake_.data = this;
  thread_ = std::thread([this, thread_name] {
    pthread_setname_np(pthread_self(), thread_name.c_str());
    uv_run(&loop_, UV_RUN_DEFAULT);
  });
}

EventLoop::~EventLoop() { stop(); }

void EventLoop::post(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    work_.push_back(std::move(work));
  }
  uv_async_send(&wake_);
}

void EventLoop::run(std::function<void()> work) {
  if (on_loop_thread()) return work();
  std::mutex mutex;
  std::condition_variable ran;
  bool done = false;
  post([&] {
    work();
    std::lock_guard lock(mutex);
    done = true;
    ran.notify_one();
  });
  std::unique_lock lock(mutex);
  ran.wait(lock, [&] { return done; });
}

void EventLoop::drain() {
  std::vector<std::function<void()>> work;
  {
    std::lock_guard lock(mutex_);
    work.swap(work_);
  }
  for (auto& piece : work) piece();
}

void EventLoop::stop() {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    work_.push_back([this] {
      uv_walk(
          &loop_,
          [](uv_handle_t* handle, void*) {
            if (!uv_is_closing(handle)) uv_close(handle, nullptr);
          },
          nullptr);
    });
  }
  uv_async_send(&wake_);
  thread_.join();
  CHECK(uv_loop_close(&loop_) == 0, "a handle outlived its loop");
}

}  // namespace penstock
