#include "pipeline/event/field_ref.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

// The reference as it was understood, or the error.
std::string read(std::string_view text) {
  auto parsed = FieldRef::parse(text);
  return parsed.ok() ? parsed.value().text() : parsed.error().message;
}

TEST(FieldRef, without_brackets_it_is_one_name) {
  EXPECT_EQ(read("message"), "[message]");
  EXPECT_EQ(read("a.b c"), "[a.b c]");
  EXPECT_EQ(read("@timestamp"), "[@timestamp]");
}

TEST(FieldRef, brackets_make_a_path) {
  EXPECT_EQ(read("[foo]"), "[foo]");
  EXPECT_EQ(read("[foo][bar][baz]"), "[foo][bar][baz]");
  EXPECT_EQ(FieldRef::of("[a][b]").segments().size(), 2U);
}

TEST(FieldRef, a_reference_inside_brackets_is_itself) {
  EXPECT_EQ(read("[[foo]][bar]"), "[foo][bar]");
  EXPECT_EQ(read("[[foo][bar]][baz]"), "[foo][bar][baz]");
}

TEST(FieldRef, ambiguous_references_are_refused) {
  for (const char* text : {"[[foo][bar]nope][baz]", "[nope[foo][bar]][baz]", "[foo]bar[baz]",
                           "[[[[[[[[[[[]", "[foo]][bar]", "[this[is]terrible]", "this[index]", "",
                           "[]", "[a", "a]", "[a]b", "][", "[[]]", "[a] [b]"})
    EXPECT_FALSE(FieldRef::parse(text).ok()) << text;
  EXPECT_EQ(read("[foo]bar"), "invalid field reference `[foo]bar`: text outside of brackets");
  EXPECT_EQ(read("[a"), "invalid field reference `[a`: brackets are not balanced");
  EXPECT_EQ(read("[a][]"), "invalid field reference `[a][]`: empty brackets");
}

TEST(FieldRef, metadata_is_apart) {
  EXPECT_TRUE(FieldRef::of("[@metadata][x]").is_metadata());
  EXPECT_EQ(FieldRef::of("[@metadata][x]").segments().size(), 1U);
  EXPECT_TRUE(FieldRef::of("@metadata").is_metadata());
  EXPECT_FALSE(FieldRef::of("[a][@metadata]").is_metadata());
  EXPECT_EQ(read("[@metadata][x]"), "[@metadata][x]");
}

TEST(FieldRef, whole_numbers_are_indices_too) {
  const FieldRef ref = FieldRef::of("[a][0][-1][007][1x][99999999999]");
  const auto& s = ref.segments();
  EXPECT_FALSE(s[0].is_index);
  EXPECT_TRUE(s[1].is_index);
  EXPECT_EQ(s[2].index, -1);
  EXPECT_EQ(s[3].index, 7);
  EXPECT_FALSE(s[4].is_index);
  EXPECT_FALSE(s[5].is_index);
}

}  // namespace
}  // namespace penstock
