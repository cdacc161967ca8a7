// The multiline codec: which lines become one event, whatever the chunks they come in.
#include "codecs/multiline.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <random>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kStackTrace = R"(pattern => "^\s" what => previous)";
constexpr std::string_view kDates =
    R"(pattern => "^%{NUMBER} %{TIME}" negate => true what => previous)";

std::unique_ptr<Framer> framer_of(std::string_view options) {
  const CodecPlugin plugin = multiline_codec();
  auto made = plugin.make_framer(test::settings_of(PluginKind::codec, plugin.info, options),
                                 test::test_context());
  EXPECT_TRUE(made.ok()) << made.error().text();
  return std::move(made).value();
}

Bytes bytes_of(std::string_view text) {
  SlabRef slab = Slab::make_small(text.size() + 1);
  std::copy(text.begin(), text.end(), slab->data());
  const std::string_view view(slab->data(), text.size());
  return {std::move(slab), view};
}

std::vector<std::string> texts_of(const Records& records) {
  return {records.views.begin(), records.views.end()};
}

// The records of a stream that comes in pieces of `piece` bytes.
std::vector<std::string> joined(std::string_view options, std::string_view stream,
                                size_t piece = 1 << 20) {
  const auto framer = framer_of(options);
  Records records;
  for (size_t at = 0; at < stream.size(); at += piece)
    framer->feed(bytes_of(stream.substr(at, piece)), records);
  framer->finish(records);
  EXPECT_EQ(framer->pending_bytes(), 0U);
  return texts_of(records);
}

using Texts = std::vector<std::string>;

TEST(MultilineCodec, joins_indented_lines_to_the_one_before) {
  EXPECT_EQ(joined(kStackTrace, "one\n  at a\n\tat b\ntwo\nthree\n  at c\n"),
            (Texts{"one\n  at a\n\tat b", "two", "three\n  at c"}));
}

TEST(MultilineCodec, joins_lines_that_end_in_a_backslash_to_the_next) {
  EXPECT_EQ(joined(R"(pattern => "\\$" what => next)", "a \\\nb \\\nc\nd\n"),
            (Texts{"a \\\nb \\\nc", "d"}));
}

TEST(MultilineCodec, negates_and_knows_grok_patterns) {
  EXPECT_EQ(joined(kDates, "120913 12:04:33 first\nsecond\nthird\n120913 12:04:34 next"),
            (Texts{"120913 12:04:33 first\nsecond\nthird", "120913 12:04:34 next"}));
}

TEST(MultilineCodec, gives_the_same_events_whatever_the_chunks) {
  std::minstd_rand random(3);
  std::string stream;
  for (int i = 0; i < 200; ++i)
    stream += std::string(random() % 3, ' ') + std::string(random() % 20, 'x') + "\n";
  const Texts whole = joined(kStackTrace, stream);
  for (const size_t piece : {1, 2, 3, 7, 64, 1000})
    EXPECT_EQ(joined(kStackTrace, stream, piece), whole);
}

TEST(MultilineCodec, says_how_many_bytes_it_holds) {
  const auto framer = framer_of(kStackTrace);
  Records records;
  framer->feed(bytes_of("one\n at\ntwo\n at"), records);
  EXPECT_EQ(texts_of(records), (Texts{"one\n at"}));
  EXPECT_EQ(framer->pending_bytes(), std::string_view("two\n at").size());
}

TEST(MultilineCodec, lets_go_at_its_limits) {
  EXPECT_EQ(joined(R"(pattern => "^ " what => previous max_lines => 2)", "a\n 1\n 2\n 3\n 4\nb\n"),
            (Texts{"a\n 1\n 2", " 3\n 4", "b"}));
  EXPECT_EQ(joined(R"(pattern => "^ " what => previous max_bytes => 5)", "a\n 123\n 4\nb\n"),
            (Texts{"a\n 123", " 4", "b"}));
}

TEST(MultilineCodec, lets_go_when_no_line_comes_for_a_while) {
  const auto framer = framer_of(std::string(kStackTrace) + " auto_flush_interval => 5");
  ASSERT_TRUE(framer->wants_tick());
  Records records;
  framer->feed(bytes_of("one\n at\n"), records);
  const std::chrono::steady_clock::time_point start{};
  framer->tick(start, records);
  framer->tick(start + 4s, records);
  EXPECT_TRUE(records.empty());
  framer->feed(bytes_of(" at\n"), records);
  framer->tick(start + 6s, records);
  framer->tick(start + 10s, records);
  EXPECT_TRUE(records.empty());
  framer->tick(start + 11s, records);
  EXPECT_EQ(texts_of(records), (Texts{"one\n at\n at"}));
  EXPECT_EQ(framer->pending_bytes(), 0U);
  EXPECT_FALSE(framer_of(kStackTrace)->wants_tick());
}

std::string decoded(std::string_view options, std::string_view record) {
  const CodecPlugin plugin = multiline_codec();
  auto made = plugin.make_decoder(test::settings_of(PluginKind::codec, plugin.info, options),
                                  test::test_context());
  Batch batch;
  made.value()->decode(record, batch);
  const Value* tags = batch[0].find(FieldRef::of("tags"));
  return tags ? to_text(*tags) : "";
}

TEST(MultilineCodec, tags_what_has_many_lines_or_reached_a_limit) {
  EXPECT_EQ(decoded(kStackTrace, "one"), "");
  EXPECT_EQ(decoded(kStackTrace, "one\n at"), "multiline");
  EXPECT_EQ(decoded(std::string(kStackTrace) + R"( multiline_tag => "")", "one\n at"), "");
  EXPECT_EQ(decoded(std::string(kStackTrace) + " max_lines => 2", "a\n 1\n 2"),
            "multiline,multiline_codec_max_lines_reached");
  EXPECT_EQ(decoded(std::string(kStackTrace) + " max_bytes => 5", "a\n 123"),
            "multiline,multiline_codec_max_bytes_reached");
}

TEST(MultilineCodec, matches_lines_in_their_own_charset) {
  EXPECT_EQ(joined("pattern => \"^\xC3\xBC\" what => previous charset => \"ISO-8859-1\"",
                   "a\n\xFC b\nc\n"),
            (Texts{"a\n\xFC b", "c"}));
}

TEST(MultilineCodec, a_pattern_file_that_goes_away_is_needed_for_no_further_stream) {
  const std::string path = ::testing::TempDir() + "multiline_patterns_" + std::to_string(getpid());
  std::ofstream(path) << "INDENT \\s\n";
  const CodecPlugin plugin = multiline_codec();
  const Settings settings =
      test::settings_of(PluginKind::codec, plugin.info,
                        "pattern => '^%{INDENT}' what => previous patterns_dir => '" + path + "'");
  const Context context = test::test_context();
  EXPECT_TRUE(plugin.make_framer(settings, context).ok());
  std::remove(path.c_str());
  EXPECT_TRUE(plugin.make_framer(settings, context).ok());
}

TEST(MultilineCodec, a_wrong_pattern_is_an_error) {
  const CodecPlugin plugin = multiline_codec();
  for (const std::string_view wrong :
       {R"(pattern => "(" what => next)", R"(pattern => "%{NOSUCH}" what => next)",
        R"(pattern => "a" what => next max_lines => 0)"}) {
    const auto made = plugin.make_framer(test::settings_of(PluginKind::codec, plugin.info, wrong),
                                         test::test_context());
    EXPECT_FALSE(made.ok()) << wrong;
  }
}

}  // namespace
}  // namespace penstock
