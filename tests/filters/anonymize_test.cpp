#include "filters/anonymize.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::string hidden(std::string_view json, const std::string& options) {
  FilterRun run(anonymize_filter(), "fields => [\"a\", \"b\"] " + options);
  return run.one(json);
}

TEST(Anonymize, keyed_hashes) {
  EXPECT_EQ(hidden(R"({"a":"123.123.123.123","c":1})", R"(key => "longencryptionkey")"),
            R"({"a":"fdc60acc4773dc5ac569ffb78fcb93c9630797f4","c":1})");
  EXPECT_EQ(
      hidden(R"({"a":["123.123.123.123"]})", R"(key => "longencryptionkey" algorithm => MD5)"),
      R"({"a":["9336c879e305c9604a3843fc3e75948f"]})");
  EXPECT_EQ(hidden(R"({"b":"123.52.122.33"})", R"(key => "" algorithm => MURMUR3)"),
            R"({"b":1541804874})");
}

TEST(Anonymize, networks) {
  EXPECT_EQ(hidden(R"({"a":"233.255.13.44"})", R"(key => "24" algorithm => IPV4_NETWORK)"),
            R"({"a":"233.255.13.0"})");
}

TEST(Anonymize, what_cannot_be_hashed_does_not_stay) {
  EXPECT_EQ(hidden(R"({"a":"anna","b":"10.1.2.3"})", R"(key => "8" algorithm => IPV4_NETWORK)"),
            R"({"a":null,"b":"10.0.0.0","tags":["_anonymizefailure"]})");
}

}  // namespace
}  // namespace penstock
