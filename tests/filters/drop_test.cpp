#include "filters/drop.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

TEST(Drop, drops_every_event_and_matches_none) {
  test::FilterRun run(drop_filter(), "");
  EXPECT_EQ(run.one(R"({"a":1})"), "");
  EXPECT_FALSE(run.matched());
}

TEST(Drop, percentage_zero_drops_none) {
  test::FilterRun run(drop_filter(), "percentage => 0");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(run.one(R"({"a":1})"), R"({"a":1})");
}

TEST(Drop, percentage_drops_a_share) {
  test::FilterRun run(drop_filter(), "percentage => 50");
  int dropped = 0;
  for (int i = 0; i < 2000; ++i) dropped += run.one(R"({"a":1})").empty();
  EXPECT_GT(dropped, 700);
  EXPECT_LT(dropped, 1300);
}

TEST(Drop, counts_as_dropped_by_a_filter) {
  Batch batch;
  const Row row = test::add_event(batch, R"({"a":1})");
  test::FilterRun run(drop_filter(), "");
  std::vector<Row> matched;
  run.filter().apply(batch, std::span(&row, 1), matched);
  EXPECT_EQ(batch[row].dropped(), DropReason::filter);
}

}  // namespace
}  // namespace penstock
