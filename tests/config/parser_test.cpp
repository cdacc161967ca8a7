#include "pipeline/config/parser.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

struct Parsed {
  ConfigTree tree;
  Errors errors;
  std::string text() const {
    std::string out;
    for (const Error& error : errors) out += error.text() + "\n";
    return out;
  }
};

Parsed parse(std::string_view text, ParseOptions options = {}) {
  Parsed out;
  parse_config(text, "t", options, out.tree, out.errors);
  return out;
}

TEST(Parser, reads_a_plain_pipeline) {
  const Parsed p = parse(R"(
input { stdin { codec => json { charset => "UTF-8" } } }
filter {
  if [a][b] == "x" or 5 in [c] { mutate { add_tag => ["t", two] num => -3.5 } }
  else if !([d] =~ /x\/y/) { drop {} } else { grok { match => { "m" => "%{WORD:w}" k2 => { 1 => 2 } } } }
}
output { stdout {} })");
  EXPECT_EQ(p.text(), "");
  ASSERT_EQ(p.tree.sections.size(), 3U);
}

TEST(Parser, goes_on_after_an_error_and_reports_all) {
  const Parsed p = parse(R"(input { stdin { codec = json } }
filter {
  mutate { add_tag => ["a" "b"] rename => { "a" => "b", "c" => "d" } }
  grok { match { "a" => "b" } }
  if [a] = 5 { drop { } }
  if [a] == "x" { drop { percentage => } }
  date { match => ["a", "b" }
}
outptu { stdout { } }
output { stdout { codec => rubydebug } })");
  EXPECT_EQ(
      p.text(),
      "t:1:23: expected `=>` after `codec`, found `=`\n"
      "t:3:28: expected `,` or `]` in the array, found `\"b\"`\n"
      "t:3:55: the pairs of a hash have white space between them, no comma\n"
      "t:4:16: expected `=>` after `match`, found `{`\n"
      "t:5:10: expected `==` or `=~`, found `=`\n"
      "t:6:40: expected a value, found `}`\n"
      "t:7:29: expected `,` or `]` in the array, found `}`\n"
      "t:9:1: expected `input`, `filter` or `output`, found `outptu`; did you mean `output`?\n");
  EXPECT_EQ(p.tree.sections.size(), 3U);
}

}  // namespace
}  // namespace penstock
