#include "pipeline/metrics/registry.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(MetricsRegistry, sums_the_instances_of_one_plugin) {
  MetricsRegistry registry;
  Counter one, two;
  one.add(3);
  two.add(4);
  for (const Counter* counter : {&one, &two})
    registry.plugin("main", "filter", "grok", "g1").counter("matches", "Hits.", {}, *counter);
  EXPECT_EQ(prometheus_text(registry.read()),
            "# HELP penstock_filter_matches_total Hits.\n"
            "# TYPE penstock_filter_matches_total counter\n"
            "penstock_filter_matches_total{pipeline=\"main\",plugin=\"grok\",id=\"g1\"} 7\n");
}

TEST(MetricsRegistry, keeps_plugins_and_labels_apart) {
  MetricsRegistry registry;
  Counter a, b;
  a.add(1);
  b.add(2);
  MetricScope& scope = registry.plugin("main", "filter", "pii", "p");
  scope.counter("masked", "Masked.", {{"entity", "email"}}, a);
  scope.counter("masked", "Masked.", {{"entity", "phone"}}, b);
  const auto families = registry.read();
  ASSERT_EQ(families.size(), 1U);
  ASSERT_EQ(families[0].samples.size(), 2U);
  const auto own = registry.of_plugin("main", "p");
  ASSERT_EQ(own.size(), 2U);
  EXPECT_EQ(own[1].value, 2);
  EXPECT_TRUE(registry.of_plugin("main", "other").empty());
}

TEST(MetricsRegistry, escapes_labels_and_help) {
  MetricsRegistry registry;
  registry.engine("").gauge("x", "back\\slash\nline", {{"path", "a\"b\\c\nd"}}, [] { return 1.5; });
  EXPECT_EQ(prometheus_text(registry.read()),
            "# HELP penstock_x back\\\\slash\\nline\n# TYPE penstock_x gauge\n"
            "penstock_x{path=\"a\\\"b\\\\c\\nd\"} 1.5\n");
}

TEST(MetricsRegistry, forgets_what_an_owner_registered) {
  MetricsRegistry registry;
  Counter mine, other;
  registry.engine("main", &mine).counter("a", "A.", {}, mine);
  registry.engine("main", &other).counter("b", "B.", {}, other);
  registry.forget(&mine);
  const auto families = registry.read();
  ASSERT_EQ(families.size(), 1U);
  EXPECT_EQ(families[0].name, "penstock_b_total");
}

}  // namespace
}  // namespace penstock
