#include "filters/prune.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::string prune(std::string_view options, std::string_view json) {
  FilterRun run(prune_filter(), options);
  const std::string out = run.one(json);
  EXPECT_TRUE(run.matched());
  return out;
}

TEST(Prune, unresolved_references_in_names_go_by_default) {
  EXPECT_EQ(prune("", R"({"%{hmm}":"doh","a":1})"), R"({"a":1})");
}

TEST(Prune, whitelist_keeps_matching_names_only) {
  EXPECT_EQ(prune(R"(whitelist_names => ["^a", "b$"])", R"({"a1":1,"b":2,"ba":3})"),
            R"({"a1":1,"b":2})");
}

TEST(Prune, blacklist_replaces_the_default_list) {
  EXPECT_EQ(prune(R"(blacklist_names => ["^a"])", R"({"a1":1,"%{x}":2})"), R"({"%{x}":2})");
}

TEST(Prune, values_decide_about_their_field_alone) {
  EXPECT_EQ(prune(R"(whitelist_values => { "s" => "^2" })", R"({"s":"200","t":"300"})"),
            R"({"s":"200","t":"300"})");
  EXPECT_EQ(prune(R"(whitelist_values => { "s" => "^2" })", R"({"s":"300"})"), "{}");
  EXPECT_EQ(prune(R"(blacklist_values => { "s" => "^2" })", R"({"s":"200"})"), "{}");
}

TEST(Prune, numbers_are_matched_as_text) {
  EXPECT_EQ(prune(R"(blacklist_values => { "s" => "^2" })", R"({"s":200,"t":200})"),
            R"({"t":200})");
}

TEST(Prune, items_of_lists_go_one_by_one) {
  EXPECT_EQ(prune(R"(whitelist_values => { "s" => "^[12]" })", R"({"s":["100","200","300"]})"),
            R"({"s":["100","200"]})");
  EXPECT_EQ(prune(R"(blacklist_values => { "s" => "3" "x" => "3" })",
                  R"({"s":["100","300"],"x":["3","33"]})"),
            R"({"s":["100"]})");
}

TEST(Prune, interpolated_names_and_expressions) {
  EXPECT_EQ(prune(R"(blacklist_names => ["^%{who}_"] interpolate => true)",
                  R"({"who":"me","me_says":1,"you_say":2})"),
            R"({"who":"me","you_say":2})");
  EXPECT_EQ(prune(R"(blacklist_values => { "%{who}" => "%{v}" } interpolate => true)",
                  R"({"who":"me","v":"^x","me":"xx"})"),
            R"({"v":"^x","who":"me"})");
}

TEST(Prune, an_interpolated_expression_that_is_malformed_matches_nothing) {
  EXPECT_EQ(
      prune(R"(blacklist_values => { "a" => "%{v}" } interpolate => true)", R"({"a":"x","v":"("})"),
      R"({"a":"x","v":"("})");
}

TEST(Prune, malformed_expressions_are_refused) {
  EXPECT_NE(test::make_error(prune_filter(), R"(whitelist_names => ["("])").find("whitelist_names"),
            std::string::npos);
  EXPECT_NE(test::make_error(prune_filter(), R"(blacklist_values => { "a" => "(" })"), "");
}

}  // namespace
}  // namespace penstock
