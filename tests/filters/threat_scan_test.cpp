#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "filters/threat/clean_cache.h"
#include "filters/threat/decode.h"
#include "filters/threat/literal_scanner.h"

namespace penstock::threat {
namespace {

std::vector<uint32_t> hits_of(const LiteralScanner& scanner, size_t literals, std::string_view text,
                              bool plain = false) {
  HitSet hits;
  hits.resize(literals);
  if (plain)
    scanner.scan_plain(text, hits);
  else
    scanner.scan(text, hits);
  std::vector<uint32_t> out(hits.literals().begin(), hits.literals().end());
  std::sort(out.begin(), out.end());
  return out;
}

const std::vector<std::string> kLiterals = {"select", "../",   "${",      "onerror",
                                            "' or ",  "union", "\xef\xbc"};
const LiteralScanner kScanner{std::span<const std::string>(kLiterals)};

TEST(LiteralScanner, finds_literals_whatever_their_case_and_place) {
  EXPECT_EQ(hits_of(kScanner, 7, "SeLeCt"), (std::vector<uint32_t>{0}));
  EXPECT_EQ(hits_of(kScanner, 7, "a../b${"), (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(hits_of(kScanner, 7, std::string(100, 'x') + "oNeRRor"), (std::vector<uint32_t>{3}));
  EXPECT_EQ(hits_of(kScanner, 7, "selec union "), (std::vector<uint32_t>{5}));
}

TEST(LiteralScanner, tells_apart_what_folding_merges) {
  const std::vector<std::string> literals = {"a[b", "a{b"};
  const LiteralScanner scanner{std::span<const std::string>(literals)};
  EXPECT_EQ(hits_of(scanner, 2, "xa[bx"), (std::vector<uint32_t>{0}));
  EXPECT_EQ(hits_of(scanner, 2, "xA{Bx"), (std::vector<uint32_t>{1}));
}

TEST(LiteralScanner, finds_the_same_with_and_without_simd) {
  std::mt19937 random(7);
  const std::string_view alphabet = "selctunioSE./${ 'orx\xef\xbc%;|`\\<";
  for (int round = 0; round < 3000; ++round) {
    std::string text(random() % 90, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    EXPECT_EQ(hits_of(kScanner, 7, text), hits_of(kScanner, 7, text, true)) << text;
    HitSet a, b;
    a.resize(7), b.resize(7);
    EXPECT_EQ(kScanner.scan(text, a), kScanner.scan_plain(text, b)) << text;
  }
}

TEST(LiteralScanner, gives_the_classes_of_telling_bytes) {
  HitSet hits;
  hits.resize(7);
  EXPECT_EQ(kScanner.scan("plain words, 12:30 /path-x_y", hits), 0);
  EXPECT_EQ(kScanner.scan("a%20b", hits), kEscape);
  EXPECT_EQ(kScanner.scan("it's; <b>|`$\\", hits),
            kQuote | kSemicolon | kLess | kPipe | kBacktick | kDollar | kBackslash);
}

TEST(LiteralScanner, finds_many_literals_of_every_size_at_every_place) {
  std::mt19937 random(11);
  const std::string_view alphabet = "abcdefgh(=' -.";
  std::vector<std::string> literals;
  for (size_t i = 0; i < 600; ++i) {
    std::string literal(2 + random() % 7, ' ');
    for (char& c : literal) c = alphabet[random() % alphabet.size()];
    if (std::find(literals.begin(), literals.end(), literal) == literals.end())
      literals.push_back(literal);
  }
  const LiteralScanner scanner{std::span<const std::string>(literals)};
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 80, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    std::vector<uint32_t> expected;
    for (uint32_t i = 0; i < literals.size(); ++i)
      if (text.find(literals[i]) != std::string::npos) expected.push_back(i);
    EXPECT_EQ(hits_of(scanner, literals.size(), text), expected) << text;
    EXPECT_EQ(hits_of(scanner, literals.size(), text, true), expected) << text;
  }
}

TEST(CleanCache, keeps_a_text_that_comes_twice) {
  CleanCache cache;
  CleanCache::Key key;
  EXPECT_FALSE(cache.has("Mozilla/5.0", 3, key));
  cache.add("Mozilla/5.0", 3, key);
  EXPECT_FALSE(cache.has("Mozilla/5.0", 3, key));
  cache.add("Mozilla/5.0", 3, key);
  EXPECT_TRUE(cache.has("Mozilla/5.0", 3, key));
  EXPECT_FALSE(cache.has("Mozilla/5.1", 3, key));
  EXPECT_FALSE(cache.has("Mozilla/5.0", 2, key));
}

TEST(CleanCache, knows_only_what_it_was_given_whatever_pushes_it_out) {
  CleanCache cache;
  const auto text_of = [](size_t i) { return std::string(i % 240, 'x') + std::to_string(i); };
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < 3 * CleanCache::kSlots; ++i) {
      CleanCache::Key key;
      const std::string text = text_of(i);
      const bool had = cache.has(text, 0, key);
      EXPECT_TRUE(i % 2 == 0 || !had) << text;
      if (i % 2 == 0) cache.add(text, 0, key), cache.add(text, 0, key);
    }
  }
}

std::string decoded(std::string_view text) {
  std::string out;
  return decode_layer(text, out) ? out : "(unchanged)";
}

TEST(Decode, takes_off_one_layer_of_each_kind) {
  EXPECT_EQ(decoded("%3Cscript%3E"), "<script>");
  EXPECT_EQ(decoded("%253C"), "%3c");
  EXPECT_EQ(decoded("%u003Cb"), "<b");
  EXPECT_EQ(decoded("&lt;b&#62;&#x3E;&#0000060x"), "<b>><x");
  EXPECT_EQ(decoded("\\u003cb\\x3e\\u{27}\\057"), "<b>'/");
  EXPECT_EQ(decoded("plain text, no escapes"), "(unchanged)");
}

TEST(Decode, reads_a_plus_as_a_blank_only_where_there_are_none) {
  EXPECT_EQ(decoded("1+or+1"), "1 or 1");
  EXPECT_EQ(decoded("1 + 1"), "(unchanged)");
}

TEST(Decode, mends_overlong_and_full_width_forms) {
  EXPECT_EQ(decoded("..%c0%afetc"), "../etc");
  EXPECT_EQ(decoded("%c0%ae%c0%ae/"), "../");
  EXPECT_EQ(decoded("%e0%80%af"), "/");
  EXPECT_EQ(decoded("\xef\xbc\x9cscript\xef\xbc\x9e"), "<script>");
  EXPECT_EQ(decoded("%ef%bc%87 or"), "' or");
}

TEST(Decode, drops_nul_and_folds_case) { EXPECT_EQ(decoded("SC%00RIPT"), "script"); }

TEST(Decode, leaves_broken_escapes_alone) {
  EXPECT_EQ(decoded("100%"), "(unchanged)");
  EXPECT_EQ(decoded("%zz %4"), "(unchanged)");
  EXPECT_EQ(decoded("a&b=c&nosuch;"), "(unchanged)");
  EXPECT_EQ(decoded("c:\\dir\\new"), "(unchanged)");
}

TEST(Decode, never_grows) {
  std::mt19937 random(3);
  const std::string_view alphabet = "%&#;xu\\0123abcdef{}+<\xc0\xaf\xe0\x80";
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 60, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    std::string out;
    decode_layer(text, out);
    EXPECT_LE(out.size(), text.size());
  }
}

}  // namespace
}  // namespace penstock::threat
