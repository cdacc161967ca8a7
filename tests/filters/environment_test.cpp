#include "filters/environment.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

TEST(Environment, variables_become_metadata) {
  ::setenv("PENSTOCK_TEST_VARIABLE", "value", 1);
  ::unsetenv("PENSTOCK_TEST_UNSET");
  FilterRun run(environment_filter(), R"(add_metadata_from_env => { "a" => "PENSTOCK_TEST_VARIABLE"
                                         "b" => "PENSTOCK_TEST_UNSET" })");
  EXPECT_EQ(run.one("{}", true), R"({"@metadata":{"a":"value","b":null}})");
  EXPECT_TRUE(run.matched());
}

TEST(Environment, names_must_be_names) {
  EXPECT_NE(test::make_error(environment_filter(), R"(add_metadata_from_env => { "a]" => "X" })"),
            "");
}

}  // namespace
}  // namespace penstock
