#include "filters/split.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::string split(std::string_view options, std::string_view json) {
  FilterRun run(split_filter(), options);
  return run.one(json);
}

TEST(Split, makes_an_event_of_each_line_of_the_message) {
  EXPECT_EQ(split("", R"({"message":"a,b\nc","n":5})"), R"({"message":"a,b","n":5})"
                                                        "\n"
                                                        R"({"message":"c","n":5})");
}

TEST(Split, leaves_a_text_of_one_part_alone_and_unmatched) {
  FilterRun run(split_filter(), "");
  EXPECT_EQ(run.one(R"({"message":"one"})"), R"({"message":"one"})");
  EXPECT_FALSE(run.matched());
}

TEST(Split, empty_parts_make_no_event) {
  EXPECT_EQ(split("", R"({"message":"big\n\n\n"})"), R"({"message":"big"})");
  EXPECT_EQ(split("", R"({"message":""})"), "");
}

TEST(Split, items_of_a_list_become_events) {
  EXPECT_EQ(split(R"(field => "a")", R"({"a":["x",{"y":1},null,3],"u":"1"})"),
            R"({"a":"x","u":"1"})"
            "\n"
            R"({"a":{"y":1},"u":"1"})"
            "\n"
            R"({"a":3,"u":"1"})");
  EXPECT_EQ(split(R"(field => "a")", R"({"a":["only"]})"), R"({"a":"only"})");
  EXPECT_EQ(split(R"(field => "a")", R"({"a":[]})"), "");
}

TEST(Split, target_keeps_the_split_field) {
  EXPECT_EQ(split(R"(field => "a" target => "[x][y]")", R"({"a":["p","q"]})"),
            R"({"a":["p","q"],"x":{"y":"p"}})"
            "\n"
            R"({"a":["p","q"],"x":{"y":"q"}})");
}

TEST(Split, terminators_of_any_length) {
  EXPECT_EQ(split(R"(terminator => "--")", R"({"message":"a--b"})"),
            "{\"message\":\"a\"}\n{\"message\":\"b\"}");
  EXPECT_EQ(split(R"(terminator => "")", R"({"message":"aß"})"),
            "{\"message\":\"a\"}\n{\"message\":\"ß\"}");
}

TEST(Split, one_blank_means_runs_of_white_space) {
  EXPECT_EQ(split(R"(terminator => " ")", R"({"message":"  a \t b "})"),
            "{\"message\":\"a\"}\n{\"message\":\"b\"}");
  EXPECT_EQ(split(R"(terminator => " ")", R"({"message":" a"})"), R"({"message":" a"})");
}

TEST(Split, other_types_are_tagged) {
  EXPECT_EQ(split("", R"({"message":5})"), R"({"message":5,"tags":["_split_type_failure"]})");
  EXPECT_EQ(split("", R"({"n":5})"), R"({"n":5,"tags":["_split_type_failure"]})");
}

TEST(Split, children_share_nothing_that_can_change) {
  Batch batch;
  const Row row = test::add_event(batch, R"({"message":"a\nb","o":{"k":1},"@metadata":{"m":1}})");
  FilterRun run(split_filter(), "");
  std::vector<Row> matched;
  run.filter().apply(batch, std::span(&row, 1), matched);
  ASSERT_EQ(matched, (std::vector<Row>{1, 2}));
  (void)batch[1].set(FieldRef::of("[o][k]"), Value::of_integer(2));
  (void)batch[1].set(FieldRef::of("[@metadata][m]"), Value::of_integer(2));
  EXPECT_EQ(test::to_json(batch[2], true), R"({"@metadata":{"m":1},"message":"b","o":{"k":1}})");
  EXPECT_TRUE(batch.created(1));
  EXPECT_EQ(batch[row].dropped(), DropReason::filter);
}

TEST(Split, a_bomb_of_parts_is_tagged_and_stays_whole) {
  std::string json = R"({"message":")";
  for (int i = 0; i < 1'500'000; ++i) json += "a,";
  json += R"(","a":1,"b":2,"c":3,"d":4,"e":5,"f":6})";
  const std::string out = split(R"(terminator => ",")", json);
  EXPECT_NE(out.find("_split_limit_exceeded"), std::string::npos);
}

}  // namespace
}  // namespace penstock
