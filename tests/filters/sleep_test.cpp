#include "filters/sleep.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::chrono::duration<double> time_of(FilterRun& run, std::initializer_list<const char*> events) {
  const auto began = std::chrono::steady_clock::now();
  for (const char* event : events) {
    run.one(event);
    EXPECT_TRUE(run.matched());
  }
  return std::chrono::steady_clock::now() - began;
}

TEST(Sleep, sleeps_at_each_event) {
  FilterRun run(sleep_filter(), R"(time => "%{t}")");
  EXPECT_GE(time_of(run, {R"({"t":0.01})", R"({"t":"0.01"})", "{}"}).count(), 0.02);
}

TEST(Sleep, every_counts_events) {
  FilterRun run(sleep_filter(), "time => 0.02 every => 3");
  EXPECT_LT(time_of(run, {"{}", "{}"}).count(), 0.02);
  EXPECT_GE(time_of(run, {"{}"}).count(), 0.02);
}

TEST(Sleep, replay_keeps_the_distance_of_timestamps) {
  FilterRun run(sleep_filter(), R"(replay => true time => "100")");
  EXPECT_GE(time_of(run, {R"({"@timestamp":"2026-01-01T00:00:00Z"})",
                          R"({"@timestamp":"2026-01-01T00:00:02Z"})",
                          R"({"@timestamp":"2026-01-01T00:00:01Z"})"})
                .count(),
            0.02);
}

TEST(Sleep, needs_a_time_or_replay) {
  EXPECT_NE(test::make_error(sleep_filter(), ""), "");
  EXPECT_EQ(test::make_error(sleep_filter(), "replay => true"), "");
}

}  // namespace
}  // namespace penstock
