#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "filters/threat/decode.h"
#include "filters/threat/literal_scanner.h"
#include "filters/threat/rule_file.h"
#include "filters/threat/token.h"
#include "filters/threat/triggers.h"

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

TEST(Token, is_made_of_digits_and_few_other_bytes) {
  for (const std::string_view token :
       {"12", "2026-11-19T06:00:01.617Z", "10.1.2.3", "4750ab77-5eeb-48f8-a097-f8a4b5c0b0b0",
        "00:1B:44:11:3A:B7", "2001:db8::1", "1732082401617", "2026-11-19t06:00:01.617z"})
    EXPECT_TRUE(is_token(token)) << token;
  for (const std::string_view other :
       {"1 or 1", "1--", "..2f..2f", "169.254.169.254", "1:169.254.169.254", "T1", "daTa:",
        "data:0123456789abcdef", "0123456789abcdef/", "0123456789abcdef--", "0123456789abcd--ef01",
        "0123456789abcde--f0123456789abcd", "0123456789abcdeT", "10.169.254.169.254.10",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"})
    EXPECT_FALSE(is_token(other)) << other;
}

TEST(Token, is_the_same_in_blocks_and_byte_by_byte) {
  constexpr std::string_view kBytes = "0123456789-.:aTzfF g";
  std::minstd_rand random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string text(2 + random() % 40, ' ');
    for (char& c : text) c = kBytes[random() % (random() % 8 ? 13 : kBytes.size())];
    // fits_token() of a whole text differs by a leading T or Z alone.
    const bool leading = (text[0] | 0x20) == 't' || (text[0] | 0x20) == 'z';
    EXPECT_EQ(is_token(text), fits_token(text) && !leading) << text;
  }
}

TEST(Token, no_shipped_rule_looks_for_a_piece_of_one) {
  std::vector<Rule> rules;
  Errors errors;
  parse_shipped_rules(rules, errors);
  for (const Rule& rule : rules)
    for (const std::string& literal : rule.literals)
      EXPECT_FALSE(fits_token(literal)) << rule.id << ": " << literal;
  for (const FamilyTrigger& trigger : family_triggers())
    EXPECT_FALSE(fits_token(trigger.literal)) << trigger.literal;
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
