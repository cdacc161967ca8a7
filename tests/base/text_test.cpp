#include "pipeline/base/text.h"

#include <gtest/gtest.h>

#include <array>

namespace penstock {
namespace {

TEST(Text, tells_well_formed_utf8_from_other_bytes) {
  for (const std::string_view good :
       {"", "plain", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xEF\xBF\xBD"})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (const std::string_view bad :
       {"\x80", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82", "a\xFF"})
    EXPECT_FALSE(is_utf8(bad)) << bad;
}

TEST(Text, rewriting_ill_formed_bytes_keeps_the_good_ones) {
  EXPECT_EQ(escape_invalid_utf8("a\xC3\xA9\xFF\x80z"), "a\xC3\xA9\\xFF\\x80z");
  EXPECT_EQ(replace_invalid_utf8("a\xFF"
                                 "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(escape_invalid_utf8("\xED\xA0\x80"), "\\xED\\xA0\\x80");
}

TEST(Text, every_rewritten_byte_string_is_well_formed) {
  uint32_t state = 1;
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (int i = 0; i < 20; ++i) {
      state = state * 1664525 + 1013904223;
      bytes += static_cast<char>(state >> 24);
    }
    EXPECT_TRUE(is_utf8(escape_invalid_utf8(bytes)));
    EXPECT_TRUE(is_utf8(replace_invalid_utf8(bytes)));
  }
}

TEST(Text, whole_string_numbers_only) {
  EXPECT_EQ(parse_integer("12"), 12);
  EXPECT_EQ(parse_integer("+12"), 12);
  EXPECT_EQ(parse_integer("-9223372036854775808"), INT64_MIN);
  for (const std::string_view bad : {"", "12a", " 12", "+-1", "9223372036854775808", "1.0"})
    EXPECT_FALSE(parse_integer(bad)) << bad;
  EXPECT_EQ(parse_real("1.5e3"), 1500.0);
  EXPECT_FALSE(parse_real("1.5x"));
}

TEST(Text, nearest_offers_typing_errors_and_nothing_far_off) {
  constexpr std::array<std::string_view, 4> kNames = {"match", "add_field", "remove_field",
                                                      "overwrite"};
  EXPECT_EQ(nearest("mach", kNames), "match");
  EXPECT_EQ(nearest("add_feild", kNames), "add_field");
  EXPECT_EQ(nearest("Overwrite", kNames), "overwrite");
  EXPECT_EQ(nearest("zzz", kNames), "");
}

TEST(Text, trims_and_compares_ascii) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_TRUE(equals_ignore_case("KeY", "kEy"));
  EXPECT_FALSE(equals_ignore_case("key", "keys"));
}

}  // namespace
}  // namespace penstock
