#include "pipeline/plugin/line_framer.h"

#include <gtest/gtest.h>

#include <random>

namespace penstock {
namespace {

Bytes chunk_of(std::string_view text) {
  SlabRef slab = Slab::make_small(text.size());
  if (!text.empty()) std::memcpy(slab->data(), text.data(), text.size());
  return {slab, {slab->data(), text.size()}};
}

std::vector<std::string> strings(const Records& records) {
  return {records.views.begin(), records.views.end()};
}

// The records of `text` fed whole.
std::vector<std::string> framed(LineFramer framer, std::string_view text) {
  Records records;
  framer.feed(chunk_of(text), records);
  framer.finish(records);
  return strings(records);
}

using Lines = std::vector<std::string>;

TEST(LineFramer, cuts_at_the_delimiter_and_keeps_carriage_returns_and_blank_lines) {
  EXPECT_EQ(framed(LineFramer(), "a\r\n\nb\n"), (Lines{"a\r", "", "b"}));
}

TEST(LineFramer, gives_the_unfinished_record_at_the_end_only) {
  LineFramer framer;
  Records records;
  framer.feed(chunk_of("one\ntwo"), records);
  EXPECT_EQ(strings(records), Lines{"one"});
  EXPECT_EQ(framer.pending_bytes(), 3U);
  framer.finish(records);
  EXPECT_EQ(strings(records), (Lines{"one", "two"}));
  EXPECT_EQ(framer.pending_bytes(), 0U);
}

TEST(LineFramer, copies_only_the_record_that_began_in_an_earlier_chunk) {
  LineFramer framer;
  Records records;
  const Bytes first = chunk_of("a\nb"), second = chunk_of("c\nd\n");
  framer.feed(first, records);
  framer.feed(second, records);
  ASSERT_EQ(strings(records), (Lines{"a", "bc", "d"}));
  EXPECT_EQ(records.views[0].data(), first.view.data());
  EXPECT_EQ(records.views[2].data(), second.view.data() + 2);
}

TEST(LineFramer, cuts_a_record_at_its_limit_and_skips_the_rest_of_it) {
  EXPECT_EQ(framed(LineFramer("\n", 4), "abcdefgh\nij\nklmnop"), (Lines{"abcd", "ij", "klmn"}));
}

TEST(LineFramer, keeps_a_bounded_part_of_an_endless_record) {
  LineFramer framer("\n", 1000);
  Records records;
  for (int i = 0; i < 1000; ++i) framer.feed(chunk_of(std::string(1000, 'x')), records);
  EXPECT_EQ(framer.pending_bytes(), 1'000'000U);
  framer.feed(chunk_of("\nnext\n"), records);
  EXPECT_EQ(strings(records), (Lines{std::string(1000, 'x'), "next"}));
}

TEST(LineFramer, passes_nul_bytes_through) {
  EXPECT_EQ(framed(LineFramer(), std::string_view("a\0b\n", 4)), Lines{std::string("a\0b", 3)});
}

TEST(LineFramer, any_split_gives_the_same_records) {
  std::minstd_rand random(42);
  for (const std::string delimiter : {"\n", "\r\n", "||", "aab", "abab", "aaa"}) {
    for (int round = 0; round < 300; ++round) {
      std::string text;
      for (size_t i = random() % 60; i > 0; --i) text += "ab\r\n|x"[random() % 6];
      const size_t limit = 1 + random() % 12;
      LineFramer framer(delimiter, limit);
      Records records;
      for (size_t at = 0; at < text.size();) {
        const size_t size = std::min<size_t>(1 + random() % 5, text.size() - at);
        framer.feed(chunk_of(std::string_view(text).substr(at, size)), records);
        at += size;
      }
      framer.finish(records);
      EXPECT_EQ(strings(records), framed(LineFramer(delimiter, limit), text))
          << "delimiter " << delimiter << " limit " << limit << " text " << text;
    }
  }
}

}  // namespace
}  // namespace penstock
