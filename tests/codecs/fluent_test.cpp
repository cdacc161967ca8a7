#include "codecs/fluent.h"

#include <zlib.h>

#include "tests/codecs/codec_run.h"

namespace penstock {
namespace {

using test::decoded, test::encoded;
using namespace std::string_literals;

// 1'000'000'000 seconds since 1970, as an unsigned integer of four bytes.
const std::string kTime = "\xCE\x3B\x9A\xCA\x00"s;
const std::string kEventTime = "\xD7\x00\x3B\x9A\xCA\x00\x1D\xCD\x65\x00"s;  // half a second later

std::string gzipped(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

TEST(FluentCodec, reads_one_event_a_message) {
  EXPECT_EQ(decoded("fluent", "",
                    "\x93\xA3tag" + kTime +
                        "\x81\xA1"
                        "a\x01",
                    Ecs::disabled, false, true),
            R"({"@timestamp":"2001-09-09T01:46:40.000Z","a":1,"tags":["tag"]})");
  EXPECT_EQ(decoded("fluent", R"(target => "x")",
                    "\x93\xA3tag" + kTime +
                        "\x81\xA1"
                        "a\x01"),
            R"({"tags":["tag"],"x":{"a":1}})");
}

TEST(FluentCodec, reads_times_with_nanoseconds) {
  EXPECT_EQ(decoded("fluent", "", "\x93\xA3tag" + kEventTime + "\x80", Ecs::disabled, false, true),
            R"({"@timestamp":"2001-09-09T01:46:40.500Z","tags":["tag"]})");
}

TEST(FluentCodec, reads_several_entries_packed_or_not) {
  const std::string entries = "\x92" + kTime +
                              "\x81\xA1"
                              "a\x01" +
                              "\x92" + kTime +
                              "\x81\xA1"
                              "a\x02";
  const std::string both = R"({"a":1,"tags":["t"]})"
                           "\n"
                           R"({"a":2,"tags":["t"]})";
  EXPECT_EQ(decoded("fluent", "", "\x92\xA1t\x92" + entries), both);
  const auto size = static_cast<char>(entries.size());
  EXPECT_EQ(decoded("fluent", "", "\x92\xA1t\xC4"s + size + entries), both);
  const std::string packed = gzipped(entries);
  EXPECT_EQ(decoded("fluent", "",
                    "\x93\xA1t\xC4"s + static_cast<char>(packed.size()) + packed +
                        "\x81\xAA"
                        "compressed\xA4gzip"),
            both);
}

TEST(FluentCodec, keeps_and_tags_what_is_none) {
  EXPECT_EQ(decoded("fluent", "", "\x92\xA1t\xC0"),
            R"({"message":["t",null],"tags":["_fluentparsefailure"]})");
  EXPECT_EQ(decoded("fluent", "", "\x05"), R"({"message":5,"tags":["_fluentparsefailure"]})");
  EXPECT_NE(decoded("fluent", "", "\x93\xA1").find("_fluentparsefailure"), std::string::npos);
  EXPECT_NE(decoded("fluent", "",
                    "\x93\xA1t\xC4\x04\x1F\x8B??\x81\xAA"
                    "compressed\xA4gzip")
                .find("_fluentparsefailure"),
            std::string::npos);
}

TEST(FluentCodec, writes_what_it_reads) {
  const std::string event =
      R"({"@timestamp":"2001-09-09T01:46:40.000Z","a":"x","tags":["one","two"]})";
  const std::string bytes = encoded("fluent", "", event);
  EXPECT_EQ(bytes.substr(0, 14), "\x93\xA7one.two" + kTime);
  EXPECT_EQ(decoded("fluent", "", bytes, Ecs::disabled, false, true),
            R"({"@timestamp":"2001-09-09T01:46:40.000Z","a":"x","tags":["one","two","one.two"]})");
  EXPECT_EQ(encoded("fluent", "nanosecond_precision => true",
                    R"({"@timestamp":"2001-09-09T01:46:40.500Z"})")
                .substr(1, 14),
            "\xA3log" + kEventTime);
}

}  // namespace
}  // namespace penstock
