#include "codecs/msgpack.h"

#include "codecs/msgpack/framer.h"
#include "codecs/msgpack/reader.h"
#include "codecs/msgpack/writer.h"
#include "pipeline/base/limits.h"
#include "pipeline/event/json_writer.h"
#include "tests/codecs/codec_run.h"

namespace penstock {
namespace {

using test::decoded, test::encoded, test::framed_anyhow;
using Lines = std::vector<std::string>;
using namespace std::string_literals;

// The value as JSON, or the outcome's number.
std::string read(std::string_view bytes) {
  msgpack::Reader reader;
  Arena arena;
  Value out;
  const msgpack::Outcome outcome = reader.read(bytes, arena, out);
  if (outcome != msgpack::Outcome::ok) return "!" + std::to_string(static_cast<int>(outcome));
  ByteBuffer json;
  write_json(out, json);
  return std::string(json.view());
}

TEST(MsgpackReader, reads_each_kind) {
  EXPECT_EQ(read("\x07"), "7");
  EXPECT_EQ(read("\xFF"), "-1");
  EXPECT_EQ(read("\xC0"), "null");
  EXPECT_EQ(read("\xC2"), "false");
  EXPECT_EQ(read("\xC3"), "true");
  EXPECT_EQ(read("\xCC\xFF"), "255");
  EXPECT_EQ(read("\xCD\xFF\xFF"), "65535");
  EXPECT_EQ(read("\xCE\xFF\xFF\xFF\xFF"), "4294967295");
  EXPECT_EQ(read("\xCF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), "18446744073709551615");
  EXPECT_EQ(read("\xD0\x80"), "-128");
  EXPECT_EQ(read("\xD1\x80\x00"s), "-32768");
  EXPECT_EQ(read("\xD2\x80\x00\x00\x00"s), "-2147483648");
  EXPECT_EQ(read("\xD3\x80\x00\x00\x00\x00\x00\x00\x00"s), "-9223372036854775808");
  EXPECT_EQ(read("\xCA\x3F\xC0\x00\x00"s), "1.5");
  EXPECT_EQ(read("\xCB\x3F\xF8\x00\x00\x00\x00\x00\x00"s), "1.5");
  EXPECT_EQ(read("\xA3"
                 "abc"),
            R"("abc")");
  EXPECT_EQ(read("\xD9\x03"
                 "abc"),
            R"("abc")");
  EXPECT_EQ(read("\xDA\x00\x03"
                 "abc"s),
            R"("abc")");
  EXPECT_EQ(read("\xDB\x00\x00\x00\x03"
                 "abc"s),
            R"("abc")");
  EXPECT_EQ(read("\xC4\x03"
                 "abc"),
            R"("abc")");
  EXPECT_EQ(read("\x93\x01\x02\x03"), "[1,2,3]");
  EXPECT_EQ(read("\xDC\x00\x01\x05"s), "[5]");
  EXPECT_EQ(read("\xDD\x00\x00\x00\x01\x05"s), "[5]");
  EXPECT_EQ(read("\x81\xA1"
                 "a\x90"),
            R"({"a":[]})");
  EXPECT_EQ(read("\xDE\x00\x01\xA1"
                 "a\x80"s),
            R"({"a":{}})");
  EXPECT_EQ(read("\xDF\x00\x00\x00\x01\x05\x06"s), R"({"5":6})");
}

TEST(MsgpackReader, of_a_key_given_twice_the_last_wins) {
  EXPECT_EQ(read("\x82\xA1"
                 "a\x01\xA1"
                 "a\x02"),
            R"({"a":2})");
}

TEST(MsgpackReader, refuses_what_it_cannot_be) {
  EXPECT_EQ(read(""), "!1");
  EXPECT_EQ(read("\xA3"
                 "ab"),
            "!1");
  EXPECT_EQ(read("\xC1"), "!2");
  EXPECT_EQ(read("\x81\x90\x01"), "!2");          // an array as a key
  EXPECT_EQ(read("\xD4\x05\x01"), "!5");          // an extension
  EXPECT_EQ(read("\xDD\xFF\xFF\xFF\xFF"), "!1");  // a length that nothing stands for
  EXPECT_EQ(read("\xDF\xFF\xFF\xFF\xFF\x01"), "!1");
  EXPECT_EQ(read("\xDB\xFF\xFF\xFF\xFF"), "!1");
}

TEST(MsgpackReader, depth_and_number_of_values_are_limited) {
  EXPECT_EQ(read(std::string(limits::kDepthMax, '\x91') + "\x01"),
            std::string(512, '[') + "1" + std::string(512, ']'));
  EXPECT_EQ(read(std::string(limits::kDepthMax + 1, '\x91') + "\x01"), "!3");
  std::string many = "\xDD\x00\x10\x00\x00"s;
  many += std::string(1 << 20, '\xC0');
  EXPECT_EQ(read(many), "!4");
}

TEST(MsgpackReader, text_that_is_not_utf8_is_made_so) {
  EXPECT_EQ(read("\xA2"
                 "a\xFF"),
            R"("a\\xFF")");
}

TEST(MsgpackCodec, makes_a_map_an_event) {
  EXPECT_EQ(decoded("msgpack", "",
                    "\x82\xA1"
                    "a\x01\xA7message\xA2hi"),
            R"({"a":1,"message":"hi"})");
  EXPECT_EQ(decoded("msgpack", R"(target => "[x]")",
                    "\x81\xA1"
                    "a\x01"),
            R"({"x":{"a":1}})");
}

TEST(MsgpackCodec, tags_what_is_no_map) {
  EXPECT_EQ(decoded("msgpack", "", "\x93\x01\x02\x03"),
            "{\"message\":\"\\\\x93\\u0001\\u0002\\u0003\",\"tags\":[\"_msgpackparsefailure\"]}");
  EXPECT_NE(decoded("msgpack", "", "\x80\x80").find("_msgpackparsefailure"), std::string::npos);
}

TEST(MsgpackCodec, gives_a_message_by_format_where_there_is_none) {
  EXPECT_EQ(decoded("msgpack", R"(format => "a is %{a}")",
                    "\x81\xA1"
                    "a\x01"),
            R"({"a":1,"message":"a is 1"})");
  EXPECT_EQ(decoded("msgpack", R"(format => "x")", "\x81\xA7message\xA2hi"), R"({"message":"hi"})");
}

TEST(MsgpackCodec, writes_what_it_reads) {
  const std::string event =
      R"({"@timestamp":"2026-01-02T03:04:05.678Z","a":[1,-1,300,-300,70000,-70000,5000000000,)"
      R"(-5000000000,200,-100,18446744073709551615],"f":1.5,"n":null,"o":{"x":true,"y":false},)"
      R"("s":")" +
      std::string(300, 'x') + R"(","t":")" + std::string(40, 'y') + "\"}";
  const std::string bytes = encoded("msgpack", "", event);
  EXPECT_EQ(decoded("msgpack", "", bytes, Ecs::disabled, false, true), test::normalized(event));
}

TEST(MsgpackFramer, cuts_a_stream_anyhow_it_arrives) {
  const std::string a = "\x81\xA1"
                        "a\xD9\x02hi",
                    b = "\xDE\x00\x01\xA1"
                        "b\x92\xC4\x01x\xCB"
                        "12345678"s,
                    c = "\x93\xA3tag\x05\x80", d = "\xDC\x00\x00"s;
  EXPECT_EQ(framed_anyhow("msgpack", "", a + b + c + d), (Lines{a, b, c, d}));
}

TEST(MsgpackFramer, an_unfinished_value_is_the_last_record) {
  EXPECT_EQ(framed_anyhow("msgpack", "",
                          "\x80\x81\xA5"
                          "ab"),
            (Lines{"\x80",
                   "\x81\xA5"
                   "ab"}));
}

TEST(MsgpackFramer, finds_events_again_after_other_bytes) {
  EXPECT_EQ(framed_anyhow("msgpack", "", "hello\n\x80"), (Lines{"hello\n", "\x80"}));
  const std::string long_text(msgpack::kStrayBytesMax + 10, 'x');
  EXPECT_EQ(framed_anyhow("msgpack", "", long_text.substr(0, 100)).size(), 1U);
  EXPECT_EQ(test::framed(*test::framer_of("msgpack"), long_text, 1000).size(), 2U);
}

TEST(MsgpackFramer, bottomless_nesting_ends) {
  const std::string deep(2000, '\x91');
  EXPECT_EQ(test::framed(*test::framer_of("msgpack"), deep, 7).size(), 4U);
}

}  // namespace
}  // namespace penstock
