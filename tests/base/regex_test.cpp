#include "pipeline/base/regex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace penstock {
namespace {

using Outcome = Regex::Outcome;

std::shared_ptr<const Regex> compiled(std::string_view pattern, Regex::Options options = {}) {
  auto regex = Regex::compile(pattern, options);
  EXPECT_TRUE(regex.ok()) << pattern << ": " << (regex.ok() ? "" : regex.error().message);
  return regex.ok() ? std::move(regex).value() : nullptr;
}

// What the expression finds first: "[text]", or "-".
std::string found(std::string_view pattern, std::string_view subject, Regex::Options options = {}) {
  const auto regex = compiled(pattern, options);
  if (!regex) return "error";
  Regex::Match match;
  switch (regex->search(subject, match)) {
    case Outcome::no_match:
      return "-";
    case Outcome::limit:
      return "limit";
    case Outcome::match:
      break;
  }
  return "[" + std::string(*match.group(0)) + "]";
}

std::string error(std::string_view pattern) {
  const auto regex = Regex::compile(pattern);
  return regex.ok() ? "" : regex.error().message;
}

TEST(Regex, hexadecimal_digits_are_ruby_s_h) {
  EXPECT_EQ(found("\\h+", "xyz 0aF9g"), "[0aF9]");
  EXPECT_EQ(found("\\H+", "0aF xyz"), "[ xyz]");
  EXPECT_EQ(found("[\\h:]+", "zz aa:bb"), "[aa:bb]");
  EXPECT_EQ(found("[^\\H]+", "zz1"), "[1]");
}

TEST(Regex, dot_matches_newline_only_under_m) {
  EXPECT_EQ(found("a.b", "a\nb"), "-");
  EXPECT_EQ(found("(?m)a.b", "a\nb"), "[a\nb]");
  EXPECT_EQ(found("(?m:a.)b.c", "a\nb\nc"), "-");
  EXPECT_EQ(found("(?m)a(?-m).b", "a\nb"), "-");
}

TEST(Regex, line_anchors_match_at_every_line) {
  EXPECT_EQ(found("^b$", "a\nb\nc"), "[b]");
  EXPECT_EQ(found("\\Ab", "a\nb"), "-");
  EXPECT_EQ(found("a\\Z", "a\n"), "[a]");
  EXPECT_EQ(found("a\\z", "a\n"), "-");
}

TEST(Regex, isolated_option_holds_over_the_alternatives_that_follow) {
  EXPECT_EQ(found("\\A(?:a(?i)b|c)\\z", "aC"), "[aC]");
  EXPECT_EQ(found("\\A(?:a(?i)b|c)\\z", "c"), "-");
}

TEST(Regex, extended_mode_skips_blanks_and_comments) {
  EXPECT_EQ(found("(?x) a b # a comment with ( in it\n c [ ] +", "abc  "), "[abc  ]");
}

TEST(Regex, names_may_hold_anything_and_repeat) {
  const auto regex = compiled("(?<[a][b]>x)|(?<[a][b]>y)(z)(?<n>w)");
  ASSERT_TRUE(regex);
  ASSERT_EQ(regex->names().size(), 3U);
  EXPECT_EQ(regex->names()[1].name, "[a][b]");
  EXPECT_EQ(regex->names()[1].group, 2U);
  EXPECT_EQ(regex->groups(), 3U);  // (z) doesn't capture beside named groups
  Regex::Match match;
  ASSERT_EQ(regex->search("yzw", match), Outcome::match);
  EXPECT_FALSE(match.group(1));
  EXPECT_EQ(match.group(2), "y");
  EXPECT_EQ(match.group(3), "w");
}

TEST(Regex, back_references_by_number_and_name) {
  EXPECT_EQ(found("(['\"])(.*?)\\1", "x 'a\"b' y"), "['a\"b']");
  EXPECT_EQ(found("(?<q>['\"]).*?\\k<q>", "x 'a\"b' y"), "['a\"b']");
  EXPECT_EQ(found("(?<q>a)|(?<q>b)\\k<q>", "bb"), "[bb]");
  EXPECT_EQ(found("(?<p>\\((?:[^()]|\\g<p>)*\\))", "x(a(b)c)"), "[(a(b)c)]");
  EXPECT_NE(error("(?<a>x)\\1"), "");
  EXPECT_NE(error("\\k<none>"), "");
}

TEST(Regex, repeated_intervals_are_not_possessive) {
  EXPECT_EQ(found("\\Aa{1,2}+a\\z", "aaa"), "[aaa]");
  EXPECT_EQ(found("\\Aa++a\\z", "aaa"), "-");
  EXPECT_EQ(found("\\Aa{2}?\\z", ""), "[]");
  EXPECT_EQ(found("\\Aa{,2}\\z", "aa"), "[aa]");
  EXPECT_EQ(found("\\Aab**\\z", "abb"), "[abb]");
}

TEST(Regex, braces_that_repeat_nothing_are_letters) {
  EXPECT_EQ(found("a{b}", "a{b}"), "[a{b}]");
  EXPECT_EQ(found("{%\\w+}", "x{%y}"), "[{%y}]");
}

TEST(Regex, sets_nest_and_intersect) {
  EXPECT_EQ(found("[a-z&&[^aeiou]]+", "aeibcd"), "[bcd]");
  EXPECT_EQ(found("[a[0-9]_]+", "-a1_-"), "[a1_]");
  EXPECT_EQ(found("[^a-c[x-z]]+", "abxyq!"), "[q!]");
  EXPECT_EQ(found("[a-c[^a-y]]+", "ddbz"), "[bz]");
  EXPECT_EQ(found("[^\\w&&[a-m]]+", "abcxyz"), "[xyz]");
  EXPECT_EQ(found("[]a]+", "x]a]"), "[]a]]");
  EXPECT_EQ(found("[\\w.-]+", "!a.b-c"), "[a.b-c]");
  EXPECT_EQ(found("[\\d-z]+", "y-1z"), "[-1z]");
}

TEST(Regex, bracket_in_a_set_that_is_never_closed_is_a_letter) {
  EXPECT_EQ(found("[^[]+", "ab[c"), "[ab]");
}

TEST(Regex, posix_brackets_and_properties_know_unicode_but_w_d_s_do_not) {
  EXPECT_EQ(found("[[:alpha:]]+", "1\u00e9a2"), "[\u00e9a]");
  EXPECT_EQ(found("\\p{Alpha}+", "1\u00e9a2"), "[\u00e9a]");
  EXPECT_EQ(found("\\P{alnum}+", "a--1"), "[--]");
  EXPECT_EQ(found("[^[:space:]]+", "  ab"), "[ab]");
  EXPECT_EQ(found("\\p{^Upper}+", "ABc"), "[c]");
  EXPECT_EQ(found("\\p{Han}+", "a\u6f22\u5b57"), "[\u6f22\u5b57]");
  EXPECT_EQ(found("\\w+", "\u00e9"), "-");
  EXPECT_EQ(found("\\b\\w+\\b", "caf\u00e9x ok"), "[ok]");
  EXPECT_EQ(found("\\w+", "\u212a", {.ignore_case = true}), "-");
}

TEST(Regex, character_escapes) {
  EXPECT_EQ(found("\\x41\\u0042\\103\\t", "ABC\t"), "[ABC\t]");
  EXPECT_EQ(found("\\xC3\\xA9", "\u00e9"), "[\u00e9]");
  EXPECT_EQ(found("\\u{1F600}", "\U0001F600"), "[\U0001F600]");
  EXPECT_EQ(found("[\\x00-\\x1f]", "a\x02"), "[\x02]");
  EXPECT_EQ(found("\\/\\\"\\'\\-\\ \\Q", "/\"'- Q"), "[/\"'- Q]");
  EXPECT_EQ(found("\\v", "\n"), "-");
}

TEST(Regex, what_ruby_refuses_is_refused_with_a_reason) {
  EXPECT_NE(error("*a").find("repeat operator"), std::string::npos);
  EXPECT_NE(error("(a").find("group"), std::string::npos);
  EXPECT_NE(error("a)").find("parenthesis"), std::string::npos);
  EXPECT_NE(error("[a").find("character set"), std::string::npos);
  EXPECT_NE(error("[z-a]").find("range"), std::string::npos);
  EXPECT_NE(error("(*LIMIT_MATCH=1)a").find("repeat operator"), std::string::npos);
  EXPECT_NE(error("(?~a)").find("absent"), std::string::npos);
  EXPECT_NE(error("a\\").find("escape"), std::string::npos);
  EXPECT_NE(error("(?Q)"), "");
  EXPECT_NE(error("\xff"), "");
  EXPECT_NE(error(std::string(1000, '(') + std::string(1000, ')')).find("nested"),
            std::string::npos);
}

TEST(Regex, jit_is_available_here) { EXPECT_TRUE(compiled("a+b")->has_jit()); }

TEST(Regex, search_goes_on_from_a_place) {
  const auto regex = compiled("\\d+");
  Regex::Match match;
  ASSERT_EQ(regex->search("a1b22", 2, match), Outcome::match);
  EXPECT_EQ(match.begin(), 3U);
  EXPECT_EQ(match.end(), 5U);
  EXPECT_EQ(regex->search("a1b22", 5, match), Outcome::no_match);
  EXPECT_EQ(regex->search("a1b22", 6, match), Outcome::no_match);
  EXPECT_EQ(regex->search({}, 0, match), Outcome::no_match);
}

TEST(Regex, many_groups_grow_the_match) {
  std::string pattern, text;
  for (int i = 0; i < 200; ++i) {
    pattern += "(a)";
    text += 'a';
  }
  const auto regex = compiled(pattern);
  Regex::Match match;
  ASSERT_EQ(regex->search(text, match), Outcome::match);
  EXPECT_EQ(match.begin(200), 199U);
}

TEST(Regex, exponential_backtracking_ends_as_limit) {
  EXPECT_EQ(found("(?:a+)+b(?!x)", std::string(60, 'a') + "c b", {.match_limit = 10'000}), "limit");
  EXPECT_EQ(found("(x+x+)+y", std::string(40, 'x') + " y"), "limit");
}

TEST(Regex, polynomial_backtracking_at_every_place_ends_in_time) {
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(found("\\w+\\w+\\w+=", std::string(15'000, 'a') + " ="), "limit");
  // No tight bound: only that it isn't the minutes that it would take.
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(60));
}

TEST(Regex, very_long_subjects_are_searched_in_slices) {
  std::string text(3'000'000, 'x');
  text += " needle42";
  EXPECT_EQ(found("needle\\d+", text), "[needle42]");
  EXPECT_EQ(found("(?<=needle4)2\\z", text), "[2]");
  EXPECT_EQ(found("\\d{3}", text), "-");
  std::string wide;
  for (int i = 0; i < 20'000; ++i) wide += "\u6f22";
  EXPECT_EQ(found("z|\u5b57", wide + "\u5b57"), "[\u5b57]");
}

TEST(Regex, deep_recursion_falls_back_to_the_interpreter) {
  // Each round of the group takes JIT stack; the text overflows it.
  const std::string text(50'000, 'a');
  const auto regex = compiled("\\A(?:(a)|b)*\\z", {.match_limit = 10'000'000});
  Regex::Match match;
  EXPECT_EQ(regex->search(text, match), Outcome::match);
}

TEST(Regex, one_expression_serves_many_threads) {
  const auto regex = compiled("(\\w+)@(\\w+)");
  std::vector<std::thread> threads;
  std::array<int, 4> hits{};
  for (size_t t = 0; t < hits.size(); ++t)
    threads.emplace_back([&, t] {
      Regex::Match match;
      for (int i = 0; i < 2000; ++i)
        hits[t] += regex->search("mail to bob@example now", match) == Outcome::match &&
                   match.group(2) == "example";
    });
  for (std::thread& thread : threads) thread.join();
  for (const int hit : hits) EXPECT_EQ(hit, 2000);
}

TEST(Regex, perl_dialect_takes_the_expression_as_it_is) {
  EXPECT_EQ(found("a$", "a\nb", {.dialect = Regex::Dialect::perl}), "-");
  EXPECT_EQ(found("(?s)a.b", "a\nb", {.dialect = Regex::Dialect::perl}), "[a\nb]");
}

}  // namespace
}  // namespace penstock
