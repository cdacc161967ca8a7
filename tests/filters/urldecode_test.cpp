#include "filters/urldecode.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::string decoded(std::string_view options, std::string_view json) {
  FilterRun run(urldecode_filter(), options);
  const std::string out = run.one(json);
  EXPECT_TRUE(run.matched());
  return out;
}

TEST(UrlDecode, decodes_the_message_by_default) {
  EXPECT_EQ(decoded("", R"({"message":"a%20b%2Fc%c3%A9","u":"%41"})"),
            R"({"message":"a b/cé","u":"%41"})");
}

TEST(UrlDecode, leaves_what_is_no_escape) {
  EXPECT_EQ(decoded("", R"({"message":"100% %4 %zz %%41+"})"), R"({"message":"100% %4 %zz %A+"})");
}

TEST(UrlDecode, lists_and_objects_at_any_depth) {
  EXPECT_EQ(decoded("", R"({"message":["%41",{"k%41":["%42",5]}]})"),
            R"({"message":["A",{"k%41":["B",5]}]})");
}

TEST(UrlDecode, all_fields) {
  EXPECT_EQ(decoded("all_fields => true", R"({"a":"%41","b":{"c":"%42"},"n":1})"),
            R"({"a":"A","b":{"c":"B"},"n":1})");
}

TEST(UrlDecode, a_missing_field_becomes_null) {
  EXPECT_EQ(decoded("", R"({"a":1})"), R"({"a":1,"message":null})");
}

TEST(UrlDecode, bytes_that_are_not_utf8_are_written_out) {
  EXPECT_EQ(decoded("", R"({"message":"%e9 \"\\%c3%a9%0a#{"})"),
            R"({"message":"\\xE9 \\\"\\\\é\\n\\#{"})");
}

TEST(UrlDecode, charsets_are_converted) {
  EXPECT_EQ(decoded(R"(charset => "ISO-8859-1")", R"({"message":"%e9t%e9"})"),
            R"({"message":"été"})");
  EXPECT_NE(test::make_error(urldecode_filter(), R"(charset => "nonsense")").find("charset"),
            std::string::npos);
}

TEST(UrlDecode, a_field_below_a_scalar_is_tagged) {
  EXPECT_EQ(decoded(R"(field => "[a][b]")", R"({"a":1})"),
            R"({"a":1,"tags":["_urldecodefailure"]})");
}

}  // namespace
}  // namespace penstock
