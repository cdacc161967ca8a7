#include "filters/elapsed.h"

#include <gtest/gtest.h>

#include "filters/elapsed/starts.h"
#include "tests/support/own_state.h"

namespace penstock {
namespace {

using test::FilterRun;

constexpr std::string_view kOptions =
    R"(start_tag => "begin" end_tag => "end" unique_id_field => "id" )";
constexpr std::string_view kStart =
    R"({"@timestamp":"2026-01-01T00:00:00.000Z","id":7,"tags":["begin"]})";
constexpr std::string_view kEnd =
    R"({"@timestamp":"2026-01-01T00:00:12.500Z","id":7,"tags":["end"]})";

class ElapsedTest : public testing::Test {
 protected:
  FilterRun make(std::string_view more = "") {
    return FilterRun(elapsed_filter(), std::string(kOptions) + std::string(more), own_.context);
  }
  test::OwnState own_;
};

TEST_F(ElapsedTest, the_end_gets_the_time) {
  FilterRun run = make();
  EXPECT_EQ(run.one(kStart), kStart);
  EXPECT_TRUE(run.matched());
  EXPECT_EQ(run.one(kEnd), R"({"@timestamp":"2026-01-01T00:00:12.500Z","elapsed_time":12.5,)"
                           R"("elapsed_timestamp_start":"2026-01-01T00:00:00.000Z","id":7,)"
                           R"("tags":["end","elapsed","elapsed_match"]})");
  EXPECT_TRUE(run.matched());
}

TEST_F(ElapsedTest, an_end_without_a_start_is_tagged) {
  FilterRun run = make();
  EXPECT_NE(run.one(kEnd).find(R"("tags":["end","elapsed_end_without_start"])"), std::string::npos);
  run.one(kStart);
  run.one(kEnd);
  EXPECT_NE(run.one(kEnd).find("elapsed_end_without_start"), std::string::npos);
}

TEST_F(ElapsedTest, identifiers_of_other_types_are_others) {
  FilterRun run = make();
  run.one(kStart);
  EXPECT_NE(run.one(R"({"@timestamp":"2026-01-01T00:00:01Z","id":"7","tags":["end"]})")
                .find("elapsed_end_without_start"),
            std::string::npos);
}

TEST_F(ElapsedTest, other_events_pass) {
  FilterRun run = make();
  for (const char* json : {R"({"@timestamp":"2026-01-01T00:00:01.000Z","id":7,"tags":["x"]})",
                           R"({"@timestamp":"2026-01-01T00:00:01.000Z","tags":["begin"]})"}) {
    EXPECT_EQ(run.one(json), json);
    EXPECT_FALSE(run.matched());
  }
}

TEST_F(ElapsedTest, the_first_or_the_last_start_counts) {
  const std::string later = R"({"@timestamp":"2026-01-01T00:00:02Z","id":7,"tags":"begin"})";
  FilterRun first = make();
  first.one(kStart);
  first.one(later);
  EXPECT_NE(first.one(kEnd).find(R"("elapsed_time":12.5)"), std::string::npos);
  test::OwnState other;
  FilterRun last(elapsed_filter(), std::string(kOptions) + R"(keep_start_event => "last")",
                 other.context);
  last.one(kStart);
  last.one(later);
  EXPECT_NE(last.one(kEnd).find(R"("elapsed_time":10.5)"), std::string::npos);
}

TEST_F(ElapsedTest, a_new_event_may_carry_the_time) {
  FilterRun run = make("new_event_on_match => true");
  run.one(kStart);
  EXPECT_EQ(run.one(kEnd),
            std::string(kEnd) + "\n" +
                R"({"@timestamp":"2023-11-14T22:13:20.000Z","@version":"1","elapsed_time":12.5,)"
                R"("elapsed_timestamp_start":"2026-01-01T00:00:00.000Z","host":"test-host",)"
                R"("id":7,"tags":["elapsed","elapsed_match"]})");
}

TEST_F(ElapsedTest, starts_expire_with_an_event) {
  FilterRun run = make("timeout => 30");
  run.one(kStart);
  own_.clock.advance(std::chrono::seconds(29));
  EXPECT_EQ(own_.tick(run.filter()), "");
  own_.clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(own_.tick(run.filter()),
            R"({"@timestamp":"2023-11-14T22:13:51.000Z","@version":"1","elapsed_time":31,)"
            R"("elapsed_timestamp_start":"2026-01-01T00:00:00.000Z","host":"test-host","id":7,)"
            R"("tags":["elapsed","elapsed_expired_error"]})");
  EXPECT_EQ(own_.tick(run.filter()), "");
}

TEST_F(ElapsedTest, workers_share_the_starts) {
  FilterRun one = make();
  FilterRun two = make();
  one.one(kStart);
  EXPECT_NE(two.one(kEnd).find("elapsed_match"), std::string::npos);
}

TEST(ElapsedStarts, the_oldest_of_too_many_expires_early) {
  elapsed::Starts starts(std::chrono::seconds(1000), true);
  for (size_t i = 0; i < elapsed::Starts::kStartsMax + 2; ++i)
    starts.begin(std::to_string(i), {}, {});
  EXPECT_EQ(starts.size(), elapsed::Starts::kStartsMax);
  const auto expired = starts.take_expired({});
  ASSERT_EQ(expired.size(), 2U);
  EXPECT_EQ(expired[0].id, "0");
}

}  // namespace
}  // namespace penstock
