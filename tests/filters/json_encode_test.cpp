#include "filters/json_encode.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

TEST(JsonEncode, any_value_as_text) {
  FilterRun run(json_encode_filter(), R"(source => "a" target => "t")");
  EXPECT_EQ(run.one(R"({"a":{"b":[1,"x\n"]}})"),
            R"({"a":{"b":[1,"x\n"]},"t":"{\"b\":[1,\"x\\n\"]}"})");
  EXPECT_EQ(run.one(R"({"a":"s"})"), R"({"a":"s","t":"\"s\""})");
  EXPECT_EQ(run.one("{}"), R"({"t":"null"})");
  EXPECT_TRUE(run.matched());
}

TEST(JsonEncode, in_place_without_a_target) {
  FilterRun run(json_encode_filter(), R"(source => "a")");
  EXPECT_EQ(run.one(R"({"a":[1]})"), R"({"a":"[1]"})");
}

TEST(JsonEncode, a_target_inside_a_text_is_tagged) {
  FilterRun run(json_encode_filter(), R"(source => "a" target => "[a][b]")");
  EXPECT_EQ(run.one(R"({"a":"s"})"), R"({"a":"s","tags":["_jsongeneratefailure"]})");
  EXPECT_FALSE(run.matched());
}

}  // namespace
}  // namespace penstock
