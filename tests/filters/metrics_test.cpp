#include "filters/metrics.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "filters/metrics/figures.h"
#include "tests/support/own_state.h"

namespace penstock {
namespace {

using test::FilterRun;

class MetricsTest : public testing::Test {
 protected:
  std::string tick_after(FilterRun& run, int seconds) {
    own_.clock.advance(std::chrono::seconds(seconds));
    return own_.tick(run.filter());
  }
  static bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
  }
  test::OwnState own_;
};

TEST_F(MetricsTest, counts_by_name_and_reports) {
  FilterRun run(metrics_filter(), R"(meter => ["http_%{code}"] rates => [1])", own_.context);
  run.one(R"({"code":200})");
  run.one(R"({"code":200})");
  run.one(R"({"code":500})");
  EXPECT_FALSE(run.matched());
  EXPECT_EQ(tick_after(run, 4), "");
  EXPECT_EQ(tick_after(run, 2),
            R"({"@timestamp":"2023-11-14T22:13:26.000Z","@version":"1",)"
            R"("http_200":{"count":2,"rate_1m":0.4},"http_500":{"count":1,"rate_1m":0.2},)"
            R"("message":"test-host"})");
  EXPECT_EQ(tick_after(run, 4), "");
  EXPECT_TRUE(has(tick_after(run, 1), R"("count":2)"));
}

TEST_F(MetricsTest, without_events_there_is_no_report) {
  FilterRun run(metrics_filter(), R"(meter => ["m"])", own_.context);
  EXPECT_EQ(tick_after(run, 100), "");
  EXPECT_EQ(own_.finish(run.filter()), "");
}

TEST_F(MetricsTest, timers_have_quantiles_and_a_mean) {
  FilterRun run(metrics_filter(),
                R"(timer => { "t" => "%{d}" } rates => [] percentiles => [50, 99.9])",
                own_.context);
  for (int i = 1; i <= 5; ++i) run.one(fmt::format(R"({{"d":"{} ms"}})", i));
  run.one(R"({"d":-1})");
  const std::string out = tick_after(run, 5);
  EXPECT_TRUE(has(out, R"("t":{"count":5,"max":5.0,"mean":3.0,"min":1.0,"p50":3.0,"p99.9":5.0,)"))
      << out;
  EXPECT_TRUE(has(out, R"("stddev":1.2574)")) << out;  // the root of 1.5811
}

TEST_F(MetricsTest, clear_interval_begins_anew) {
  FilterRun run(metrics_filter(), R"(meter => ["m"] clear_interval => 10)", own_.context);
  run.one("{}");
  EXPECT_TRUE(has(tick_after(run, 5), R"("count":1)"));
  EXPECT_TRUE(has(tick_after(run, 5), R"("count":1)"));
  EXPECT_EQ(tick_after(run, 5), "");
  run.one("{}");
  EXPECT_TRUE(has(tick_after(run, 5), R"("count":1)"));
}

TEST_F(MetricsTest, old_events_may_be_ignored) {
  FilterRun run(metrics_filter(), R"(meter => ["m"] ignore_older_than => 10)", own_.context);
  run.one(R"({"@timestamp":"2023-11-14T22:13:05Z"})");
  EXPECT_EQ(tick_after(run, 5), "");
  run.one(R"({"@timestamp":"2023-11-14T22:13:20Z"})");
  EXPECT_TRUE(has(tick_after(run, 5), R"("count":1)"));
}

TEST_F(MetricsTest, workers_count_together_and_the_last_one_reports_the_end) {
  own_.context.workers = 2;
  FilterRun one(metrics_filter(), R"(meter => ["m"])", own_.context);
  FilterRun two(metrics_filter(), R"(meter => ["m"])", own_.context);
  one.one("{}");
  two.one("{}");
  EXPECT_EQ(own_.finish(one.filter()), "");
  EXPECT_TRUE(has(own_.finish(two.filter()), R"("count":2)"));
}

TEST_F(MetricsTest, names_from_events_are_bounded) {
  FilterRun run(metrics_filter(), R"(meter => ["%{n}"] rates => [])", own_.context);
  for (int i = 0; i < 10'100; ++i) run.one(fmt::format(R"({{"n":"m{}"}})", i));
  const std::string out = tick_after(run, 5);
  EXPECT_TRUE(has(out, R"("m9999":)"));
  EXPECT_FALSE(has(out, R"("m10000":)"));
}

TEST_F(MetricsTest, malformed_options_are_refused) {
  EXPECT_NE(test::make_error(metrics_filter(), "rates => [2]"), "");
  EXPECT_NE(test::make_error(metrics_filter(), "percentiles => [101]"), "");
  EXPECT_NE(test::make_error(metrics_filter(), R"(percentiles => ["x"])"), "");
}

TEST(MetricsFigures, rates_decay) {
  const metrics::SteadyTime start{};
  metrics::Meter meter(start);
  for (int i = 0; i < 50; ++i) meter.mark(start);
  EXPECT_EQ(meter.rate(1, start + std::chrono::seconds(5)), 0);  // not yet over
  EXPECT_EQ(meter.rate(1, start + std::chrono::seconds(6)), 10);
  EXPECT_NEAR(meter.rate(1, start + std::chrono::seconds(66)), 10 * std::exp(-1.0), 1e-9);
  EXPECT_NEAR(meter.rate(15, start + std::chrono::seconds(66)), 10 * std::exp(-1.0 / 15), 1e-9);
}

TEST(MetricsFigures, the_sample_keeps_its_size_and_recent_values) {
  metrics::SteadyTime now{};
  metrics::DecayingSample sample(now);
  for (int i = 0; i < 5000; ++i) sample.add(1, now);
  now += std::chrono::hours(2);
  for (int i = 0; i < 5000; ++i) sample.add(2, now);
  const auto sorted = sample.sorted();
  EXPECT_EQ(sorted.size(), 1028U);
  EXPECT_EQ(metrics::quantile(sorted, 0.01), 2);
}

}  // namespace
}  // namespace penstock
