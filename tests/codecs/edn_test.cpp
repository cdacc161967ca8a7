#include "codecs/edn.h"

#include "pipeline/base/limits.h"
#include "tests/codecs/codec_run.h"

namespace penstock {
namespace {

using test::decoded, test::encoded;

// The member "v" of a map with this value.
std::string value(std::string_view text) {
  return decoded("edn", "", "{\"v\" " + std::string(text) + "}");
}

TEST(EdnCodec, reads_each_kind) {
  EXPECT_EQ(value("nil"), R"({"v":null})");
  EXPECT_EQ(value("true"), R"({"v":true})");
  EXPECT_EQ(value("-12"), R"({"v":-12})");
  EXPECT_EQ(value("12345678901234567890N"), R"({"v":12345678901234567890})");
  EXPECT_EQ(value("1.5e2"), R"({"v":150.0})");
  EXPECT_EQ(value("1.5M"), R"({"v":1.5})");
  EXPECT_EQ(value(R"("a\n\"b\u00e4\\")"), R"({"v":"a\n\"bä\\"})");
  EXPECT_EQ(value(":a/b"), R"({"v":"a/b"})");
  EXPECT_EQ(value("sym"), R"({"v":"sym"})");
  EXPECT_EQ(value("\\newline"), R"({"v":"\n"})");
  EXPECT_EQ(value("\\a"), R"({"v":"a"})");
  EXPECT_EQ(value("[1, 2 (3)]"), R"({"v":[1,2,[3]]})");
  EXPECT_EQ(value("#{1 2}"), R"({"v":[1,2]})");
  EXPECT_EQ(value("{:a {1 2}}"), R"({"v":{"a":{"1":2}}})");
  EXPECT_EQ(value("#inst \"2026-01-02T03:04:05Z\""), R"({"v":"2026-01-02T03:04:05.000Z"})");
  EXPECT_EQ(value("#uuid \"f8\""), R"({"v":"f8"})");
  EXPECT_EQ(value("#_ [1 2] 3 ; four"), "{\"message\":\"{\\\"v\\\" #_ [1 2] 3 ; four}\"}");
  EXPECT_EQ(value("#_ [1 2] 3 ; four\n"), R"({"v":3})");
}

TEST(EdnCodec, keeps_what_it_cannot_read_as_the_message) {
  for (const std::string_view bad :
       {"[1]", "{", "{1}", "\"a", "{\"a\" 1x}", "{[1] 2}", "{\"\\q\" 1}"})
    EXPECT_NE(decoded("edn", "", bad).find("\"message\""), std::string::npos) << bad;
  EXPECT_NE(decoded("edn", "", std::string(limits::kDepthMax + 1, '[')).find("message"),
            std::string::npos);
  EXPECT_EQ(decoded("edn_lines", "", " "), "");
}

TEST(EdnCodec, writes_what_it_reads) {
  const std::string text = encoded("edn_lines", "", R"({"a":["x",1.5,null],"b":{"c":"q\"\n"}})");
  EXPECT_EQ(text, "{\"a\" [\"x\" 1.5 nil], \"b\" {\"c\" \"q\\\"\\n\"}}\n");
  EXPECT_EQ(decoded("edn", R"(target => "t")", text),
            R"({"t":{"a":["x",1.5,null],"b":{"c":"q\"\n"}}})");
}

}  // namespace
}  // namespace penstock
