#include "pipeline/plugin/ack_window.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

namespace penstock {
namespace {

TEST(AckWindow, starts_at_the_mark_it_was_given) {
  AckWindow window(4711);
  EXPECT_EQ(window.low_water(), 4711U);
  EXPECT_TRUE(window.all_done());
}

TEST(AckWindow, low_water_waits_for_the_oldest_position) {
  AckWindow window;
  const uint64_t a = *window.open(10);
  const uint64_t b = *window.open(20);
  const uint64_t c = *window.open(30);
  window.settle(c);
  window.settle(b);
  EXPECT_EQ(window.low_water(), 0U);
  window.settle(a);
  EXPECT_EQ(window.low_water(), 30U);
  EXPECT_TRUE(window.all_done());
}

TEST(AckWindow, a_replayed_position_holds_the_low_water_for_ever) {
  AckWindow window;
  const uint64_t a = *window.open(10);
  const uint64_t b = *window.open(20);
  const uint64_t c = *window.open(30);
  window.settle(a);
  window.settle(b, Verdict::replay);
  window.settle(c);
  EXPECT_EQ(window.low_water(), 10U);
  EXPECT_FALSE(window.all_done());
  EXPECT_EQ(window.replays(), 1U);
}

TEST(AckWindow, refuses_to_open_more_than_its_limit_until_one_settles) {
  AckWindow window(0, 3);
  const uint64_t a = *window.open(1);
  EXPECT_TRUE(window.open(2));
  EXPECT_TRUE(window.open(3));
  EXPECT_FALSE(window.open(4));
  window.settle(a);
  EXPECT_TRUE(window.open(4));
}

TEST(AckWindow, settling_twice_is_a_bug_that_is_caught) {
  AckWindow window;
  const uint64_t a = *window.open(1);
  window.settle(a);
  EXPECT_DEATH(window.settle(a), "settles once");
}

// Against a model that keeps every position in a plain vector.
TEST(AckWindow, equals_a_naive_model_under_random_use) {
  for (uint32_t seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    AckWindow window(0, 64);
    std::vector<int> settled;  // by sequence
    std::vector<uint64_t> open;
    for (int step = 0; step < 2000; ++step) {
      if (random() % 2) {
        if (const auto sequence = window.open((settled.size() + 1) * 100)) {
          ASSERT_EQ(*sequence, settled.size());
          settled.push_back(0);
          open.push_back(*sequence);
        }
      } else if (!open.empty()) {
        const size_t pick = random() % open.size();
        window.settle(open[pick]);
        settled[open[pick]] = 1;
        open.erase(open.begin() + static_cast<ptrdiff_t>(pick));
      }
      const auto first = std::find(settled.begin(), settled.end(), 0);
      ASSERT_EQ(window.low_water(), static_cast<uint64_t>(first - settled.begin()) * 100);
    }
  }
}

TEST(AckWindow, settles_from_many_threads) {
  constexpr uint64_t kPositions = 20'000;
  AckWindow window;
  for (uint64_t i = 0; i < kPositions; ++i) ASSERT_TRUE(window.open(i + 1));
  std::atomic<uint64_t> next{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      for (uint64_t s = next++; s < kPositions; s = next++) window.settle(s);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(window.low_water(), kPositions);
}

}  // namespace
}  // namespace penstock
