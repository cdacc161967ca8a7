#include "filters/range.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::string ranged(std::string_view options, std::string_view json) {
  FilterRun run(range_filter(), options);
  return run.one(json);
}

TEST(Range, tags_numbers_within) {
  constexpr auto kOptions = R"(ranges => [ "d", 10, 100, "tag:cool", "d", 1, 1, "tag:dull" ])";
  EXPECT_EQ(ranged(kOptions, R"({"d":50})"), R"({"d":50,"tags":["cool"]})");
  EXPECT_EQ(ranged(kOptions, R"({"d":100.0})"), R"({"d":100.0,"tags":["cool"]})");
  EXPECT_EQ(ranged(kOptions, R"({"d":100.5})"), R"({"d":100.5})");
  EXPECT_EQ(ranged(kOptions, R"({"e":50})"), R"({"e":50})");
}

TEST(Range, texts_by_their_length_in_characters) {
  constexpr auto kOptions = R"(ranges => [ "s", 3, 3, "tag:three" ])";
  EXPECT_EQ(ranged(kOptions, R"({"s":"日本語"})"), R"({"s":"日本語","tags":["three"]})");
}

TEST(Range, drops) {
  FilterRun run(range_filter(), R"(ranges => [ "d", 1, 2, "drop" ])");
  EXPECT_EQ(run.one(R"({"d":1})"), "");
  EXPECT_FALSE(run.matched());
  EXPECT_EQ(run.one(R"({"d":3})"), R"({"d":3})");
  EXPECT_TRUE(run.matched());
}

TEST(Range, sets_fields_to_texts_and_numbers) {
  EXPECT_EQ(ranged(R"(ranges => [ "d", 1, 9, "field:a:foo", "d", 1, 9, "field:b:666",
                                  "d", 1, 9, "field:c:1.5", "d", 1, 9, "field:e:1.50" ])",
                   R"({"d":5})"),
            R"({"a":"foo","b":666,"c":1.5,"d":5,"e":"1.50"})");
}

TEST(Range, adds_to_a_field_that_is_there) {
  EXPECT_EQ(ranged(R"(ranges => [ "d", 1, 9, "field:a:7" ])", R"({"a":"x","d":5})"),
            R"({"a":["x","7"],"d":5})");
}

TEST(Range, names_and_values_take_references) {
  EXPECT_EQ(ranged(R"(ranges => [ "d", 1, 9, "field:%{n}_f:v_%{n}", "d", 1, 9, "tag:t_%{n}" ])",
                   R"({"d":5,"n":"x"})"),
            R"({"d":5,"n":"x","tags":["t_x"],"x_f":"v_x"})");
}

TEST(Range, negate_acts_outside_of_the_range) {
  constexpr auto kOptions = R"(ranges => [ "d", 1, 9, "tag:out" ] negate => true)";
  EXPECT_EQ(ranged(kOptions, R"({"d":10})"), R"({"d":10,"tags":["out"]})");
  EXPECT_EQ(ranged(kOptions, R"({"d":5})"), R"({"d":5})");
}

TEST(Range, other_types_lie_in_no_range) {
  EXPECT_EQ(ranged(R"(ranges => [ "d", 0, 9, "drop" ])", R"({"d":[1]})"), R"({"d":[1]})");
}

TEST(Range, malformed_rules_are_refused) {
  for (const char* ranges :
       {R"([ "d", 1, 2 ])", R"([ "d", "1", 2, "drop" ])", R"([ 5, 1, 2, "drop" ])",
        R"([ "d", 1, 2, "drop:x" ])", R"([ "d", 1, 2, "tag" ])", R"([ "d", 1, 2, "field:a" ])",
        R"([ "d", 1, 2, "jump" ])", R"("d")"})
    EXPECT_NE(test::make_error(range_filter(), std::string("ranges => ") + ranges), "") << ranges;
}

}  // namespace
}  // namespace penstock
