// The codecs that are little more than another one's name, and those that are refused.
#include "tests/codecs/codec_run.h"

namespace penstock {
namespace {

using test::decoded, test::encoded;

TEST(JavaCodecs, are_line_plain_and_dots_without_the_original) {
  EXPECT_EQ(decoded("java_line", "", "x", Ecs::v8), R"({"message":"x"})");
  EXPECT_EQ(decoded("java_plain", "", "x", Ecs::v8), R"({"message":"x"})");
  EXPECT_EQ(encoded("java_line", "", R"({"a":1})"), "{\"a\":1}\n");
  EXPECT_EQ(encoded("java_line", R"(format => "%{a}" delimiter => ";")", R"({"a":1})"), "1;");
  EXPECT_EQ(encoded("java_plain", R"(format => "%{a}")", R"({"a":1})"), "1");
  EXPECT_EQ(encoded("jdots", "", "{}"), ".");
}

TEST(RefusedCodecs, say_what_to_use_instead) {
  EXPECT_NE(test::make_error("protobuf", R"(class_name => "A")").find("json"), std::string::npos);
  EXPECT_NE(test::make_error("nmap", "").find("xml"), std::string::npos);
  EXPECT_NE(test::make_error("cloudfront", "").find("csv"), std::string::npos);
  EXPECT_NE(test::make_error("s3_plain", "").find("json_lines"), std::string::npos);
  EXPECT_NE(encoded("s3_plain", "", "{}").find("json_lines"), std::string::npos);
}

TEST(CloudtrailCodec, makes_an_event_of_each_record) {
  EXPECT_EQ(
      decoded("cloudtrail", "",
              R"({"Records":[{"eventTime":"2014-03-06T21:22:54Z","a":1,"sourceIpAddress":"1.2.3.4"},
                 {"eventTime":"2014-03-06T21:22:55Z","sourceIpAddress":"host.example",
                  "requestParameters":{"disableApiTermination":true}}]})",
              Ecs::disabled, false, true),
      R"({"@timestamp":"2014-03-06T21:22:54.000Z","a":1,"sourceIpAddress":"1.2.3.4"})"
      "\n"
      R"({"@timestamp":"2014-03-06T21:22:55.000Z",)"
      R"("requestParameters":{"disableApiTermination":{"value":true}},"sourceHost":"host.example"})");
  EXPECT_EQ(decoded("cloudtrail", "", "{}"), "");
  EXPECT_EQ(decoded("cloudtrail", "", "x"), R"({"message":"x","tags":["_jsonparsefailure"]})");
  EXPECT_EQ(decoded("cloudtrail", "", R"({"Records":[1]})"),
            R"({"message":1,"tags":["_jsonparsefailure"]})");
}

}  // namespace
}  // namespace penstock
