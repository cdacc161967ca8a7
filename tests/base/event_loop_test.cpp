#include "pipeline/base/event_loop.h"

#include <gtest/gtest.h>

#include <atomic>

namespace penstock {
namespace {

TEST(EventLoop, runs_posted_work_in_order_on_its_thread) {
  EventLoop loop("test");
  std::vector<int> order;
  bool on_loop = false;
  for (int i = 0; i < 100; ++i) loop.post([&, i] { order.push_back(i); });
  loop.run([&] { on_loop = loop.on_loop_thread(); });
  ASSERT_EQ(order.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
  EXPECT_TRUE(on_loop);
  EXPECT_FALSE(loop.on_loop_thread());
}

TEST(EventLoop, takes_work_from_many_threads) {
  EventLoop loop("test");
  std::atomic<int> ran{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) loop.post([&] { ran.fetch_add(1); });
    });
  for (auto& thread : threads) thread.join();
  loop.run([] {});
  EXPECT_EQ(ran.load(), 2000);
}

TEST(EventLoop, stop_closes_handles_that_are_still_open) {
  uv_timer_t timer;  // outlives the loop
  EventLoop loop("test");
  loop.run([&] {
    uv_timer_init(loop.uv(), &timer);
    uv_timer_start(
        &timer, [](uv_timer_t*) {}, 3'600'000, 0);
  });
  loop.stop();
  loop.post([] { FAIL() << "work after stop()"; });
}

}  // namespace
}  // namespace penstock
