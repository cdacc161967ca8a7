#include "filters/alter.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::string altered(std::string_view json, const std::string& options) {
  FilterRun run(alter_filter(), options);
  return run.one(json);
}

TEST(Alter, condrewrite_replaces_what_is_as_expected) {
  const std::string options = R"(condrewrite => ["a", "%{x}", "new %{x}"])";
  EXPECT_EQ(altered(R"({"a":"old","x":"old"})", options), R"({"a":"new old","x":"old"})");
  EXPECT_EQ(altered(R"({"a":"other","x":"old"})", options), R"({"a":"other","x":"old"})");
  EXPECT_EQ(altered(R"({"a":["old","b",3],"x":"old"})", options),
            R"({"a":["new old","b",3],"x":"old"})");
}

TEST(Alter, condrewriteother_sets_another_field) {
  const std::string options = R"(condrewriteother => ["a", "on", "b", "%{a}!"])";
  EXPECT_EQ(altered(R"({"a":"on"})", options), R"({"a":"on","b":"on!"})");
  EXPECT_EQ(altered(R"({"a":["off","on"]})", options), R"({"a":["off","on"],"b":"off,on!"})");
  EXPECT_EQ(altered(R"({"a":"off"})", options), R"({"a":"off"})");
}

TEST(Alter, coalesce_takes_the_first_that_is_there) {
  const std::string options = R"(coalesce => ["u", "%{a}", "%{b}", "nobody"])";
  EXPECT_EQ(altered(R"({"b":"anna"})", options), R"({"b":"anna","u":"anna"})");
  EXPECT_EQ(altered(R"({"a":"nil"})", options), R"({"a":"nil","u":"nobody"})");
}

TEST(Alter, incomplete_groups_are_refused) {
  EXPECT_NE(test::make_error(alter_filter(), R"(condrewrite => ["a", "b"])"), "");
  EXPECT_NE(test::make_error(alter_filter(), R"(condrewriteother => ["a", "b", "c"])"), "");
  EXPECT_NE(test::make_error(alter_filter(), R"(coalesce => ["a"])"), "");
}

}  // namespace
}  // namespace penstock
