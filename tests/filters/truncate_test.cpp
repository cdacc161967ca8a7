#include "filters/truncate.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::string cut(std::string_view options, std::string_view json) {
  FilterRun run(truncate_filter(), options);
  return run.one(json);
}

TEST(Truncate, cuts_all_texts_by_default) {
  EXPECT_EQ(cut("length_bytes => 3", R"({"a":"abcdef","n":12345,"o":{"p":{"q":"wxyz"}}})"),
            R"({"a":"abc","n":12345,"o":{"p":{"q":"wxy"}}})");
}

TEST(Truncate, never_cuts_within_a_character) {
  EXPECT_EQ(cut("length_bytes => 5", R"({"u":"ééé"})"), R"({"u":"éé"})");
  EXPECT_EQ(cut("length_bytes => 2", R"({"u":"日本"})"), R"({"u":""})");
  EXPECT_EQ(cut("length_bytes => 0", R"({"u":"x"})"), R"({"u":""})");
}

TEST(Truncate, cuts_items_of_lists_but_nothing_nested_in_them) {
  EXPECT_EQ(cut("length_bytes => 1", R"({"a":["xx",{"b":"yy"},["zz"]]})"),
            R"({"a":["x",{"b":"yy"},["zz"]]})");
}

TEST(Truncate, only_the_named_fields) {
  EXPECT_EQ(cut(R"(length_bytes => 1 fields => ["a", "[o][p]", "missing"])",
                R"({"a":"xx","b":"xx","o":{"p":"xx","q":"xx"}})"),
            R"({"a":"x","b":"xx","o":{"p":"x","q":"xx"}})");
}

TEST(Truncate, matches_only_events_it_changed) {
  FilterRun run(truncate_filter(), "length_bytes => 3");
  run.one(R"({"a":"abc"})");
  EXPECT_FALSE(run.matched());
  run.one(R"({"a":"abcd"})");
  EXPECT_TRUE(run.matched());
}

TEST(Truncate, what_was_received_with_escapes_is_cut_too) {
  EXPECT_EQ(cut("length_bytes => 2", R"({"a":"\n\"x"})"), R"({"a":"\n\""})");
}

TEST(Truncate, a_negative_length_is_refused) {
  EXPECT_NE(test::make_error(truncate_filter(), "length_bytes => -1"), "");
}

}  // namespace
}  // namespace penstock
