#include "codecs/gelf.h"

#include <fmt/format.h>
#include <zlib.h>

#include "codecs/gelf/chunks.h"
#include "tests/codecs/codec_run.h"

namespace penstock {
namespace {

using test::decoded;
using namespace std::chrono_literals;
using Time = std::chrono::steady_clock::time_point;
using Lines = std::vector<std::string>;

std::string deflated(std::string_view text) {
  std::string out(compressBound(text.size()), '\0');
  uLongf size = out.size();
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
           text.size());
  out.resize(size);
  return out;
}

TEST(GelfCodec, renames_fields) {
  EXPECT_EQ(
      decoded("gelf", "", R"({"host":"h","short_message":"s","_a":1,"timestamp":1385053862.3072})",
              Ecs::disabled, false, true),
      R"({"@timestamp":"2013-11-21T17:11:02.307200Z","a":1,"host":"h","message":"s"})");
  EXPECT_EQ(decoded("gelf", "", R"({"short_message":"s","full_message":"f"})"),
            R"({"message":"f","short_message":"s"})");
  EXPECT_EQ(decoded("gelf", "", R"({"short_message":"f","full_message":"f"})"),
            R"({"message":"f"})");
  EXPECT_EQ(decoded("gelf", "", R"({"_a":1,"a":2,"_b":3})"), R"({"a":1,"b":3})");
}

TEST(GelfCodec, leaves_fields_alone_on_request) {
  EXPECT_EQ(decoded("gelf", "remap => false strip_leading_underscore => false",
                    R"({"short_message":"s","_a":1,"timestamp":"soon"})"),
            R"({"_a":1,"short_message":"s","timestamp":"soon"})");
}

TEST(GelfCodec, a_field_that_cannot_be_renamed_is_tagged) {
  EXPECT_EQ(decoded("gelf", "", R"({"_tags":{"x":1},"_@timestamp":"soon","_a":1})"),
            R"({"_@timestamp":"soon","_tags":{"x":1},"a":1,"tags":["_gelf_move_field_failure"]})");
}

TEST(GelfCodec, unpacks_within_a_limit) {
  EXPECT_EQ(decoded("gelf", "", deflated(R"({"short_message":"s"})")), R"({"message":"s"})");
  const std::string bomb = deflated(std::string(size_t{32} << 20, ' '));
  EXPECT_NE(decoded("gelf", "", bomb).find("_jsonparsefailure"), std::string::npos);
  EXPECT_NE(decoded("gelf", "", deflated("{}").substr(0, 5)).find("_jsonparsefailure"),
            std::string::npos);
}

TEST(GelfCodec, tags_what_is_no_json) {
  EXPECT_EQ(decoded("gelf", "", "x"), R"({"message":"x","tags":["_jsonparsefailure"]})");
}

TEST(GelfCodec, a_null_byte_ends_a_message_of_a_stream) {
  EXPECT_EQ(test::framed_anyhow("gelf", "", std::string_view("{}\0{ }\0", 7)),
            (Lines{"{}", "{ }"}));
}

std::string chunk(std::string_view id, int place, int count, std::string_view text) {
  return "\x1E\x0F" + std::string(id) + static_cast<char>(place) + static_cast<char>(count) +
         std::string(text);
}

class GelfChunks : public testing::Test {
 protected:
  void take(const std::string& datagram, std::string_view from = "a", Time now = Time{}) {
    chunks_.take(test::bytes_of(datagram), from, now, records_);
  }
  Lines lines() const { return {records_.views.begin(), records_.views.end()}; }

  gelf::Chunks chunks_{test::test_context()};
  Records records_;
};

TEST_F(GelfChunks, are_joined_in_any_order) {
  take(chunk("12345678", 2, 3, "c"));
  take(chunk("12345678", 0, 3, "a"));
  take(chunk("12345678", 0, 3, "twice"));
  EXPECT_EQ(lines(), Lines{});
  take("{}");
  take(chunk("12345678", 1, 3, "b"));
  EXPECT_EQ(lines(), (Lines{"{}", "abc"}));
  EXPECT_EQ(chunks_.bytes_held(), 0U);
}

TEST_F(GelfChunks, of_different_senders_are_kept_apart) {
  take(chunk("12345678", 0, 2, "a"), "a");
  take(chunk("12345678", 1, 2, "b"), "b");
  EXPECT_EQ(lines(), Lines{});
}

TEST_F(GelfChunks, are_forgotten_when_one_is_missing) {
  take(chunk("12345678", 0, 2, "a"));
  take(chunk("87654321", 0, 2, "a"), "a", Time{} + 6s);
  EXPECT_EQ(chunks_.messages_lost(), 1U);
  take(chunk("12345678", 1, 2, "b"), "a", Time{} + 6s);
  EXPECT_EQ(lines(), Lines{});
}

TEST_F(GelfChunks, that_contradict_themselves_are_dropped) {
  take(chunk("12345678", 2, 2, "a"));
  take(chunk("12345678", 0, 0, "a"));
  take("\x1E\x0F");
  take(chunk("12345678", 0, 2, "a"));
  take(chunk("12345678", 1, 3, "b"));
  EXPECT_EQ(lines(), Lines{});
}

TEST_F(GelfChunks, take_bounded_memory) {
  const std::string large(60'000, 'x');
  for (int i = 0; i < 1000; ++i) take(chunk(fmt::format("{:08}", i), 0, 2, large));
  EXPECT_LE(chunks_.bytes_held(), gelf::kBytesMax);
  for (int i = 0; i < 5000; ++i) take(chunk(fmt::format("{:08}", i), 0, 2, ""), "b");
  EXPECT_GE(chunks_.messages_lost(), 4000U);
}

}  // namespace
}  // namespace penstock
