#include "filters/bytes.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::string bytes(std::string_view size, const std::string& options = "") {
  FilterRun run(bytes_filter(), "target => \"b\" source => \"s\" " + options);
  const std::string out = run.one("{\"s\":\"" + std::string(size) + "\"}");
  return out.starts_with("{\"b\":") ? out.substr(5, out.find(",\"s\"") - 5) : "failed";
}

TEST(Bytes, units_of_1024) {
  EXPECT_EQ(bytes("10"), "10");
  EXPECT_EQ(bytes("10b"), "10");
  EXPECT_EQ(bytes("32 kB"), "32768");
  EXPECT_EQ(bytes("  1.5\\tm "), "1572864");
  EXPECT_EQ(bytes(".5K"), "512");
  EXPECT_EQ(bytes("2."), "2");
  EXPECT_EQ(bytes("32EB"), "36893488147419103232");
}

TEST(Bytes, units_of_1000) { EXPECT_EQ(bytes("32 MB", "conversion_method => metric"), "32000000"); }

TEST(Bytes, groups_of_digits) {
  EXPECT_EQ(bytes("1,024 b"), "1024");
  EXPECT_EQ(bytes("1_000_000"), "1000000");
  EXPECT_EQ(bytes("1.024,5 kb", "decimal_separator => \",\""), "1049088");
}

TEST(Bytes, what_is_no_size_is_tagged) {
  EXPECT_EQ(bytes(""), "failed");
  EXPECT_EQ(bytes("kb"), "failed");
  EXPECT_EQ(bytes("1.2.3"), "failed");
  EXPECT_EQ(bytes("12 x"), "failed");
  FilterRun run(bytes_filter(), "target => \"b\"");
  EXPECT_EQ(run.one(R"({"message":12})"), R"({"message":12,"tags":["_bytesparsefailure"]})");
  EXPECT_EQ(run.one("{}"), R"({"tags":["_bytesparsefailure"]})");
  EXPECT_FALSE(run.matched());
}

}  // namespace
}  // namespace penstock
