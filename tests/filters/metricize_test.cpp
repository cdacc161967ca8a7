#include "filters/metricize.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

TEST(Metricize, makes_an_event_of_each_metric_that_is_there) {
  FilterRun run(metricize_filter(), R"(metrics => ["m1", "[m][2]", "m3"])");
  EXPECT_EQ(run.one(R"({"m1":1,"m":{"2":2},"m3":null,"t":"x"})"),
            R"({"m":{"2":2},"m1":1,"m3":null,"t":"x"})"
            "\n"
            R"({"m":{},"metric":"m1","t":"x","value":1})"
            "\n"
            R"({"m":{},"metric":"[m][2]","t":"x","value":2})");
  EXPECT_FALSE(run.matched());
}

TEST(Metricize, may_drop_the_original_and_name_the_fields) {
  FilterRun run(metricize_filter(), R"(metrics => ["a"] drop_original_event => true
      metric_field_name => "name" value_field_name => "[v]")");
  EXPECT_EQ(run.one(R"({"a":[1]})"), R"({"name":"a","v":[1]})");
  EXPECT_EQ(run.one(R"({"b":1})"), "");
}

TEST(Metricize, needs_metrics) {
  EXPECT_NE(test::errors_of(PluginKind::filter, metricize_filter().info, ""), "");
}

}  // namespace
}  // namespace penstock
