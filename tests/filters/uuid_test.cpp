#include "filters/uuid.h"

#include <gtest/gtest.h>

#include <set>

#include "pipeline/base/regex.h"
#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

TEST(Uuid, is_of_version_four_and_never_the_same) {
  FilterRun run(uuid_filter(), R"(target => "id")");
  const auto form = Regex::compile(
      R"(^\{"id":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"\}$)");
  std::set<std::string> seen;
  Regex::Match match;
  for (int i = 0; i < 1000; ++i) {
    const std::string out = run.one("{}");
    EXPECT_EQ(form.value()->search(out, match), Regex::Outcome::match) << out;
    seen.insert(out);
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(Uuid, keeps_a_value_that_is_there) {
  FilterRun run(uuid_filter(), R"(target => "id")");
  EXPECT_EQ(run.one(R"({"id":"mine"})"), R"({"id":"mine"})");
  EXPECT_TRUE(run.matched());
  EXPECT_NE(run.one(R"({"id":null})"), R"({"id":null})");
}

TEST(Uuid, overwrites_on_demand) {
  FilterRun run(uuid_filter(), R"(target => "id" overwrite => true)");
  EXPECT_NE(run.one(R"({"id":"mine"})"), R"({"id":"mine"})");
}

TEST(Uuid, needs_a_target) {
  EXPECT_NE(test::errors_of(PluginKind::filter, uuid_filter().info, ""), "");
}

}  // namespace
}  // namespace penstock
