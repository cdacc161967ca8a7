#include "filters/clone.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::string clones(Ecs ecs, std::string_view json) {
  Context context = test::test_context();
  context.ecs = ecs;
  FilterRun run(clone_filter(), R"(clones => ["a", "b"])", context);
  return run.one(json, true);
}

TEST(Clone, copies_have_a_type_of_their_own) {
  EXPECT_EQ(clones(Ecs::disabled, R"({"type":"t","n":5})"),
            "{\"n\":5,\"type\":\"t\"}\n{\"n\":5,\"type\":\"a\"}\n{\"n\":5,\"type\":\"b\"}");
}

TEST(Clone, with_ecs_a_tag) {
  EXPECT_EQ(clones(Ecs::v8, R"({"tags":"a"})"),
            "{\"tags\":\"a\"}\n{\"tags\":[\"a\",\"a\"]}\n{\"tags\":[\"a\",\"b\"]}");
}

TEST(Clone, copies_share_nothing_that_can_change) {
  Batch batch;
  const Row row = test::add_event(batch, R"({"o":{"x":1},"@metadata":{"m":1}})");
  Settings settings =
      test::settings_of(PluginKind::filter, clone_filter().info, R"(clones => ["a"])");
  auto filter = clone_filter().make(settings, test::test_context());
  ASSERT_TRUE(filter.ok());
  std::vector<Row> matched;
  filter.value()->apply(batch, Rows(&row, 1), matched);
  ASSERT_EQ(matched, std::vector<Row>{1});
  EXPECT_TRUE(batch.created(1));
  ASSERT_TRUE(batch[1].set(FieldRef::of("[o][x]"), Value::of_integer(2)));
  ASSERT_TRUE(batch[1].set(FieldRef::of("[@metadata][m]"), Value::of_integer(2)));
  EXPECT_EQ(test::to_json(batch[0], true), R"({"@metadata":{"m":1},"o":{"x":1}})");
}

TEST(Clone, names_are_required) {
  EXPECT_NE(test::errors_of(PluginKind::filter, clone_filter().info, ""), "");
}

}  // namespace
}  // namespace penstock
