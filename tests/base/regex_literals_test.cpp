#include "pipeline/base/regex_literals.h"

#include <gtest/gtest.h>

#include "pipeline/base/regex.h"

namespace penstock {
namespace {

using Literals = std::vector<std::string>;

TEST(RequiredLiterals, are_what_an_expression_cannot_match_without) {
  EXPECT_EQ(required_literals("(Edgish)/(\\d+)", true), Literals{"edgish"});
  EXPECT_EQ(required_literals("Foo(?:Bar)?Quux\\.x", true), Literals{"quux.x"});
  EXPECT_EQ(required_literals("abcd?", true), Literals{"abc"});
  EXPECT_EQ(required_literals("(?:Chrome|Firefox)/", true), (Literals{"chrome", "firefox"}));
  EXPECT_EQ(required_literals("Toaster|Kettle", true), (Literals{"toaster", "kettle"}));
  EXPECT_EQ(required_literals("Toaster|.*", true), Literals{});
  EXPECT_EQ(required_literals("(?i)abc", true), Literals{"abc"});
  EXPECT_EQ(required_literals("(?=abc)", true), Literals{});
  EXPECT_EQ(required_literals("a{0,3}bc{2}d[xyz]", true), Literals{});
  EXPECT_EQ(required_literals("\\x41bcdef", true), Literals{});
  EXPECT_EQ(required_literals("ab+cd", true), Literals{});
}

TEST(RequiredLiterals, rubys_syntax_is_understood_or_given_up) {
  EXPECT_EQ(required_literals("(?<n>\\h+) - (?<q>Abc|Xyzz)?", false), Literals{" - "});
  EXPECT_EQ(required_literals("abc{,2}", false), Literals{});
  EXPECT_EQ(required_literals("[[:alnum:]_def]ghij", false), Literals{"ghij"});
  EXPECT_EQ(required_literals("[[a]bcd]efgh", false), Literals{});
  EXPECT_EQ(required_literals("(?i)abcd", false), Literals{});
  EXPECT_EQ(required_literals("(?x) a b c", false), Literals{});
  EXPECT_EQ(required_literals("(?m)Abcd", false), Literals{"Abcd"});
  EXPECT_EQ(required_literals("(?<=abcd)(?!efgh)x", false), Literals{});
  EXPECT_EQ(required_literals("(?>abcd)+", false), Literals{"abcd"});
  EXPECT_EQ(required_literals("\\p{Alpha}bcd", false), Literals{});
}

TEST(RequiredLiterals, refuse_texts_before_a_search_and_only_those) {
  const auto regex = Regex::compile("\\[(?<t>[^\\]]+)\\] \"(?<v>\\w+)").value();
  EXPECT_EQ(regex->required(), "] \"");
  Regex::Match match;
  EXPECT_EQ(regex->search("a [b] \"GET", match), Regex::Outcome::match);
  EXPECT_EQ(regex->search("a [b] GET", match), Regex::Outcome::no_match);
  EXPECT_EQ(regex->search("[b] \"GET", 2, match), Regex::Outcome::no_match);
}

}  // namespace
}  // namespace penstock
