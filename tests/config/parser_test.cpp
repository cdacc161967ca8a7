#include "pipeline/config/parser.h"

#include <gtest/gtest.h>

#include <random>

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

Parsed parse(std::string_view text, bool escapes = false) {
  Parsed out;
  ParseOptions options;
  options.support_escapes = escapes;
  options.environment = [](const std::string& name) -> const char* {
    return name == "SET" ? "value" : name == "a.b_1" ? "dotted" : nullptr;
  };
  parse_config(text, "t", options, out.tree, out.errors);
  return out;
}

std::string errors(std::string_view text) { return parse(text).text(); }

// A tree as text, so that expectations read like configuration.
std::string show(const ConfigValue& value) {
  std::string out;
  switch (value.kind) {
    case ConfigValue::Kind::string:
      return "'" + value.text + "'";
    case ConfigValue::Kind::array:
      for (const ConfigValue& item : value.items) out += (out.empty() ? "" : " ") + show(item);
      return "[" + out + "]";
    case ConfigValue::Kind::hash:
      for (size_t i = 0; i < value.items.size(); i += 2)
        out += (out.empty() ? "" : " ") + value.items[i].text + "=" + show(value.items[i + 1]);
      return "{" + out + "}";
    case ConfigValue::Kind::plugin:
      for (const Attribute& a : value.plugin->attributes) out += " " + a.name + "=" + show(a.value);
      return value.plugin->name + "(" + out + ")";
    default:
      return value.text;
  }
}

std::string show(const Expression& e) {
  static constexpr std::string_view kNames[] = {"or", "xor", "and", "nand", "not",
                                                "==", "!=",  "<",   "<=",   ">",
                                                ">=", "=~",  "!~",  "in",   "not in"};
  using Op = Expression::Op;
  if (e.op == Op::field || e.op == Op::number) return e.text;
  if (e.op == Op::string) return "'" + e.text + "'";
  if (e.op == Op::regex) return "/" + e.text + "/";
  std::string out = e.op == Op::array ? "list" : std::string(kNames[static_cast<size_t>(e.op)]);
  for (const auto& operand : e.operands) out += " " + show(*operand);
  return "(" + out + ")";
}

std::string show(const Block& block) {
  std::string out;
  for (const Statement& statement : block) {
    if (!out.empty()) out += " ";
    if (statement.plugin) {
      out += statement.plugin->name + "(";
      for (const Attribute& a : statement.plugin->attributes)
        out += (out.back() == '(' ? "" : " ") + a.name + "=" + show(a.value);
      out += ")";
    } else {
      for (const Branch::Arm& arm : statement.branch->arms)
        out += (arm.condition ? "if " + show(*arm.condition) : "else") + std::string("{") +
               show(arm.block) + "}";
    }
  }
  return out;
}

// The tree of the only section.
std::string tree(std::string_view text) {
  const Parsed p = parse(text);
  return p.errors.empty() ? show(p.tree.sections.at(0).block) : p.text();
}
std::string condition(std::string_view text) {
  return tree("filter { if " + std::string(text) + " {} }");
}
std::string value(std::string_view text) {
  return tree("filter { x { a => " + std::string(text) + " } }");
}

TEST(Parser, sections_may_be_empty_repeated_and_in_any_order) {
  const Parsed p = parse("output {} input {} filter{} input { }");
  EXPECT_EQ(p.text(), "");
  ASSERT_EQ(p.tree.sections.size(), 4U);
  EXPECT_EQ(p.tree.sections[0].kind, SectionKind::output);
  EXPECT_EQ(p.tree.sections[3].kind, SectionKind::input);
  EXPECT_EQ(errors(""), "");
  EXPECT_EQ(errors("# only a comment"), "");
}

TEST(Parser, values_of_every_kind) {
  EXPECT_EQ(value("'hello'"), "x(a='hello')");
  EXPECT_EQ(value("\"it's\""), "x(a='it's')");
  EXPECT_EQ(value("bare_Word1"), "x(a=bare_Word1)");
  EXPECT_EQ(value("-123.25"), "x(a=-123.25)");
  EXPECT_EQ(value("3."), "x(a=3.)");
  EXPECT_EQ(value("[1, [two], \"3\", { k1 => v1 }]"), "x(a=[1 [two] '3' {k1=v1}])");
  EXPECT_EQ(value("{ k1 => 1 \"k 2\"=>{ 3 => [ ] } }"), "x(a={k1=1 k 2={3=[]}})");
  EXPECT_EQ(value("json"), "x(a=json)");
  EXPECT_EQ(value("json { target => doc } b => 1"), "x(a=json( target=doc) b=1)");
  EXPECT_EQ(value("'multi\nline'"), "x(a='multi\nline')");
  EXPECT_EQ(value("[]"), "x(a=[])");
}

TEST(Parser, names_may_be_quoted_and_hold_dashes) {
  EXPECT_EQ(tree("input { a-b { 'single' => 1 \"double\" => 2 not-quoted => 3 } }"),
            "a-b(single=1 double=2 not-quoted=3)");
  EXPECT_EQ(tree("input { 0day { 1st => 2 } }"), "0day(1st=2)");
}

TEST(Parser, a_repeated_option_is_kept_twice) {
  EXPECT_EQ(tree("filter { grok { match => { aa => b1 } match => { cc => d1 } } }"),
            "grok(match={aa=b1} match={cc=d1})");
}

TEST(Parser, comments_may_stand_between_any_tokens) {
  EXPECT_EQ(tree("# c\ninput # c\n{ # c\n x # c\n { # c\n aa # c\n => # c\n bb # c\n cc => { # c\n "
                 "dd # c\n => # c\n ee # c\n ff => # c\n gg # c\n } # c\n } # c\n } # the end"),
            "x(aa=bb cc={dd=ee ff=gg})");
  EXPECT_EQ(value("\"# none\""), "x(a='# none')");
}

TEST(Parser, a_backslash_keeps_a_quote_and_stays) {
  EXPECT_EQ(value(R"("a\"b")"), R"(x(a='a\"b'))");
  EXPECT_EQ(value(R"('a\'b\n')"), R"(x(a='a\'b\n'))");
}

TEST(Parser, escapes_count_when_they_are_switched_on) {
  const Parsed p = parse(R"(input { x { a => "1\n2\t3\r4\\5\"6\'7\q8" } })", true);
  EXPECT_EQ(show(p.tree.sections.at(0).block), "x(a='1\n2\t3\r4\\5\"6'7\\q8')");
}

TEST(Parser, variables_are_put_into_strings) {
  EXPECT_EQ(value("\"<${SET}> ${NOT:def:ault} ${EMPTY:}|\""), "x(a='<value> def:ault |')");
  EXPECT_EQ(value("[\"${a.b_1}\", { kk => \"${SET}\" }]"), "x(a=['dotted' {kk='value'}])");
  EXPECT_EQ(value("\"${ not one } $SET ${1X} ${\""), "x(a='${ not one } $SET ${1X} ${')");
}

TEST(Parser, an_unset_variable_is_an_error_where_it_stands) {
  EXPECT_EQ(errors("input { x { a => 1\n  b => \"x ${NOPE}\" c => \"${NADA}\" } }"),
            "t:2:8: the environment variable `NOPE` is not set and `${NOPE}` gives no default "
            "(`${NOPE:default}`)\n"
            "t:2:25: the environment variable `NADA` is not set and `${NADA}` gives no default "
            "(`${NADA:default}`)\n");
}

TEST(Parser, conditions_of_every_kind) {
  EXPECT_EQ(condition("[a]"), "if [a]{}");
  EXPECT_EQ(condition("[a][b c]"), "if [a][b c]{}");
  EXPECT_EQ(condition("![a]"), "if (not [a]){}");
  EXPECT_EQ(condition("! ( [a] )"), "if (not [a]){}");
  EXPECT_EQ(condition("[a]==\"x\""), "if (== [a] 'x'){}");
  EXPECT_EQ(condition("[a] <= -1.5"), "if (<= [a] -1.5){}");
  EXPECT_EQ(condition("[a] =~ /x\\/[{\"]/"), "if (=~ [a] /x\\/[{\"]/){}");
  EXPECT_EQ(condition("[a] !~ \"^x$\""), "if (!~ [a] /^x$/){}");
  EXPECT_EQ(condition("\"x\" in [a]"), "if (in 'x' [a]){}");
  EXPECT_EQ(condition("[a] not  in [\"x\", 5, yes]"), "if (not in [a] (list 'x' 5 'yes')){}");
  EXPECT_EQ(condition("5 == [a]"), "if (== 5 [a]){}");
  EXPECT_EQ(condition("(2 > 1 and 1 < 2)"), "if (and (> 2 1) (< 1 2)){}");
  EXPECT_EQ(condition("[a] xor [b]"), "if (xor [a] [b]){}");
  EXPECT_EQ(condition("([a] nand [b]) or [c]"), "if (or (nand [a] [b]) [c]){}");
  EXPECT_EQ(condition("[a]\n  or [b]\n  or [c]"), "if (or [a] (or [b] [c])){}");
}

TEST(Parser, and_binds_tighter_than_or) {
  EXPECT_EQ(condition("2 > 1 and 1 < 2 or 3 < 2"), "if (or (and (> 2 1) (< 1 2)) (< 3 2)){}");
  EXPECT_EQ(condition("[a] or [b] and [c]"), "if (or [a] (and [b] [c])){}");
}

TEST(Parser, branches_chain_and_nest) {
  EXPECT_EQ(tree("output { if[a]{ x {} } else if [b] { if [c] { y {} } } else{ z {} } w {} }"),
            "if [a]{x()}if [b]{if [c]{y()}}else{z()} w()");
  EXPECT_EQ(tree("output { if [a] {} x {} }"), "if [a]{} x()");
  EXPECT_EQ(tree("output { ifconfig {} }"), "ifconfig()");
}

TEST(Parser, what_logstash_misreads_is_warned_of) {
  const Parsed p = parse("filter { if [x] in [\"a\"] {} if [a] and [b] and [c] or [d] {} }");
  EXPECT_EQ(p.text(), "");
  EXPECT_EQ(p.tree.warnings.size(), 2U);
}

TEST(Parser, what_the_grammar_refuses_is_refused) {
  EXPECT_EQ(value("x"), "t:1:19: expected a value; this one needs quotes: \"x\", found `x`\n");
  EXPECT_EQ(value("[1, 2,]"),
            "t:1:25: expected a value after `,` (the last one takes no comma), found `]`\n");
  EXPECT_EQ(value("${PORT}"),
            "t:1:19: expected a value; a variable needs quotes: \"${NAME}\", found `$`\n");
  EXPECT_EQ(value("12ab"), "t:1:21: expected white space or `}` after the value, found `ab`\n");
  EXPECT_EQ(value("{ aa => 1 aa => 2 }"),
            "t:1:29: the key `aa` is already in this hash (line 1)\n");
  EXPECT_EQ(value("{ m1 => { aa => 1 aa => 2 } }"),
            "t:1:37: the key `aa` is already in this hash (line 1)\n");
  EXPECT_EQ(condition("[a] xor [b] and [c]"),
            "t:1:25: `xor` and `nand` can't stand with another operator; use parentheses\n");
  EXPECT_EQ(condition("!\"a\""),
            "t:1:14: expected `(` or a field like `[a]` after `!`, found `\"a\"`\n");
  EXPECT_EQ(
      condition("message == 1"),
      "t:1:13: expected a condition; a field is written `[message]`, a text \"message\", found "
      "`message`\n");
  EXPECT_EQ(errors("filter { else { x {} } }"), "t:1:15: `else` without an `if` before it\n");
  EXPECT_EQ(errors("filter { if [a] { } elsif [b] { } }"),
            "t:1:21: expected `else if`, found `elsif`\n");
  EXPECT_EQ(
      errors("inputs { x {} }"),
      "t:1:1: expected `input`, `filter` or `output`, found `inputs`; did you mean `input`?\n");
  EXPECT_EQ(errors("filter x"), "t:1:8: expected `{` after `filter`, found `x`\n");
  EXPECT_EQ(errors("filter { x {} } }"),
            "t:1:17: expected `input`, `filter` or `output`, found `}` that closes nothing\n");
  EXPECT_EQ(errors("filter { \xff }"), "t:1:1: the text is not UTF-8\n");
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

TEST(Parser, a_missing_quote_is_blamed_on_the_string_that_lacks_it) {
  EXPECT_EQ(
      errors("filter {\n  mutate { add_field => { \"k\" => \"v } }\n  grok { match => { \"m\" => "
             "\"n\" } }\n  drop { x y }\n}"),
      "t:3:23: expected `=>` after the key `m`, found `\" => \"`; the string before it began "
      "at line 2, column 34: is its closing quote missing?\n"
      "t:4:12: expected `=>` after `x`, found `y`\n");
  EXPECT_EQ(errors("input { x { a => \"b } }"),
            "t:1:18: this string is not closed (a backslash before a quote keeps it open)\n");
}

TEST(Parser, a_missing_brace_is_blamed_on_what_lacks_it) {
  EXPECT_EQ(errors("filter {\n  mutate { add_tag => \"a\"\n  grok { match => { aa => bb } }\n}\n"),
            "t:3:3: expected `}` to close `mutate` of line 2, or `=>`, found the plugin `grok`\n");
  EXPECT_EQ(errors("filter {\n  mutate { }\n\noutput { stdout { } }"),
            "t:4:1: expected `}` to close the block opened at line 1, column 8, found `output`\n");
  EXPECT_EQ(
      errors("input { x { a => 1"),
      "t:1:19: expected `}` to close `x` opened at line 1, column 11, found the end of the text\n"
      "t:1:19: expected `}` to close the block opened at line 1, column 7, found the end of the "
      "text\n");
}

TEST(Parser, places_count_characters_and_not_bytes) {
  EXPECT_EQ(errors("filter { x { a => \"äöü€\" b } }"),
            "t:1:28: expected `=>` after `b`, found `}`\n");
}

TEST(Parser, nesting_terms_and_errors_are_bounded) {
  EXPECT_NE(errors("filter { if " + std::string(5000, '(')).find("nested deeper than 100"),
            std::string::npos);
  EXPECT_NE(value(std::string(5000, '[')).find("nested deeper than 100"), std::string::npos);
  std::string blocks = "filter { ", terms = "[a]", faults = "filter { ";
  for (int i = 0; i < 3000; ++i) {
    blocks += "if [a] { ";
    terms += " or [a]";
    faults += "x { a b } ";
  }
  EXPECT_NE(errors(blocks).find("nested deeper than 100"), std::string::npos);
  EXPECT_NE(condition(terms).find("more than 1000 terms"), std::string::npos);
  EXPECT_EQ(parse(faults).errors.size(), kConfigErrorsMax);
}

// Property: whatever is cut from or put into a good text, the parser ends, and fails exactly when
// it gives an error, each with a place inside the text.
TEST(Parser, any_mutilation_of_a_config_ends_in_errors_with_places) {
  const std::string good =
      "input { a { b => \"c\" d => [1, two, '3'] } }\nfilter { if [x] == \"y\" and !([z] in [1, "
      "2]) "
      "{ m { h => { k => \"v\" l => json { x => yes } } } } else if [q] =~ /r\\/s/ { } else { n {} "
      "} "
      "}\noutput { o { } }";
  std::mt19937 random(7);
  const std::string_view bits = "{}[]()\"'/\\=>,!#$ \na1-";
  for (int round = 0; round < 1000; ++round) {
    std::string text = good;
    for (uint32_t i = 0; i <= random() % 3; ++i) {
      const size_t at = random() % text.size();
      if (random() % 2)
        text.erase(at, 1 + random() % 5);
      else
        text.insert(at, 1, bits[random() % bits.size()]);
    }
    const Parsed p = parse(text);
    for (const Error& error : p.errors) {
      ASSERT_TRUE(error.where.known()) << text;
      ASSERT_LE(error.where.line, 4U) << text;
      ASSERT_FALSE(error.message.empty());
    }
  }
}

}  // namespace
}  // namespace penstock
