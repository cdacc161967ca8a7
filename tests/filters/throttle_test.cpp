#include "filters/throttle.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "filters/throttle/counters.h"
#include "tests/support/own_state.h"

namespace penstock {
namespace {

using test::FilterRun;
using throttle::Counters;

class ThrottleTest : public testing::Test {
 protected:
  bool matches(FilterRun& run, int second, std::string_view host = "a") {
    run.one(fmt::format(R"({{"@timestamp":"2026-01-01T00:{:02}:{:02}Z","host":"{}","p":10}})",
                        second / 60, second % 60, host));
    return run.matched();
  }
  test::OwnState own_;
};

TEST_F(ThrottleTest, marks_what_comes_after_a_count) {
  FilterRun run(throttle_filter(), R"(key => "%{host}" after_count => 2)", own_.context);
  EXPECT_FALSE(matches(run, 0));
  EXPECT_FALSE(matches(run, 1));
  EXPECT_TRUE(matches(run, 2));
  EXPECT_TRUE(matches(run, 59));
  EXPECT_FALSE(matches(run, 60));  // the next period
}

TEST_F(ThrottleTest, marks_what_comes_before_a_count) {
  FilterRun run(throttle_filter(), R"(key => "%{host}" before_count => 3 after_count => 4)",
                own_.context);
  EXPECT_TRUE(matches(run, 0));
  EXPECT_TRUE(matches(run, 0));
  EXPECT_FALSE(matches(run, 0));
  EXPECT_FALSE(matches(run, 0));
  EXPECT_TRUE(matches(run, 0));
}

TEST_F(ThrottleTest, keys_are_counted_apart) {
  FilterRun run(throttle_filter(), R"(key => "%{host}" after_count => 1)", own_.context);
  EXPECT_FALSE(matches(run, 0, "a"));
  EXPECT_FALSE(matches(run, 0, "b"));
  EXPECT_TRUE(matches(run, 0, "a"));
}

TEST_F(ThrottleTest, late_events_count_in_their_own_period) {
  FilterRun run(throttle_filter(), R"(key => "k" after_count => 1 period => 10)", own_.context);
  EXPECT_FALSE(matches(run, 30));
  EXPECT_FALSE(matches(run, 40));
  EXPECT_TRUE(matches(run, 39));
  EXPECT_FALSE(matches(run, 25));
}

TEST_F(ThrottleTest, period_takes_references) {
  FilterRun run(throttle_filter(), R"(key => "k" after_count => 1 period => "%{p}")", own_.context);
  EXPECT_FALSE(matches(run, 0));
  EXPECT_TRUE(matches(run, 9));
  EXPECT_FALSE(matches(run, 10));
}

TEST_F(ThrottleTest, workers_count_together) {
  constexpr auto kOptions = R"(key => "k" after_count => 1)";
  FilterRun one(throttle_filter(), kOptions, own_.context);
  FilterRun two(throttle_filter(), kOptions, own_.context);
  EXPECT_FALSE(matches(one, 0));
  EXPECT_TRUE(matches(two, 0));
}

TEST_F(ThrottleTest, needs_a_key) {
  EXPECT_NE(test::errors_of(PluginKind::filter, throttle_filter().info, ""), "");
}

const Counters::SteadyTime kStart{};

TEST(ThrottleCounters, old_slots_and_keys_go) {
  Counters counters(100, -1, kStart);
  const auto count = [&](std::string_view key, int64_t epoch) {
    const auto lock = counters.lock();
    return counters.count(key, epoch, 10);
  };
  count("a", 0);
  count("a", 50);
  count("b", 0);
  EXPECT_EQ(counters.size(), 3U);
  count("a", 111);
  EXPECT_EQ(counters.size(), 3U);  // the slot at 0 is gone, that at 110 came
  counters.tidy_if_due(kStart + std::chrono::seconds(4));
  EXPECT_EQ(counters.size(), 3U);
  counters.tidy_if_due(kStart + std::chrono::seconds(5));
  EXPECT_EQ(counters.size(), 2U);  // without b
}

TEST(ThrottleCounters, too_many_shorten_the_age_and_it_recovers) {
  Counters counters(100, 10, kStart);
  {
    const auto lock = counters.lock();
    for (int i = 0; i < 15; ++i) counters.count("k" + std::to_string(i), i, 10);
  }
  counters.tidy_if_due(kStart + std::chrono::seconds(5));
  EXPECT_EQ(counters.max_age(), 95);
  {
    const auto lock = counters.lock();
    counters.count("late", 1000, 10);
  }
  counters.tidy_if_due(kStart + std::chrono::seconds(10));
  EXPECT_EQ(counters.size(), 1U);
  EXPECT_EQ(counters.max_age(), 100);
}

TEST(ThrottleCounters, a_flood_of_keys_is_bounded) {
  Counters counters(3600, 100, kStart);
  const auto lock = counters.lock();
  for (int i = 0; i < 10'000; ++i) counters.count("k" + std::to_string(i), 7, 10);
  for (int i = 0; i < 10'000; ++i) counters.count("k" + std::to_string(i), i, 10);
  EXPECT_GT(counters.evicted().value(), 19'000U);
}

}  // namespace
}  // namespace penstock
