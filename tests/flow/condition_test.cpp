#include "pipeline/flow/condition.h"

#include <gtest/gtest.h>

#include <fstream>

#include "pipeline/config/parser.h"
#include "tests/support/events.h"

namespace penstock {
namespace {

constexpr std::string_view kEvent = R"({"@timestamp": "2026-11-21T10:00:00.123Z",
  "arr": ["a", "b", 1], "b": true, "bf": false, "e": "", "earr": [], "f": 2.5, "fs": "false",
  "h": {"k": "v", "z": {"y": 7}}, "ip": "10.1.2.3", "multi": "line one\nline two", "n": null,
  "neg": -3, "num": 5, "numstr": "5", "s": "abc", "sp": " ", "zero": 0, "five": 5.0,
  "nest": [["x"], 2.5, null], "@metadata": {"m": "x"}})";

std::shared_ptr<const Expression> parsed(const std::string& condition) {
  ConfigTree tree;
  Errors errors;
  ParseOptions options;
  options.environment = [](const std::string& name) -> const char* {
    if (name == "WORD") return "abc";
    if (name == "QUOTED") return "\"abc\"";
    if (name == "LIST") return R"(["abc", 'd',e])";
    return nullptr;
  };
  if (!parse_config("filter { if " + condition + " { x {} } }", "t", options, tree, errors))
    return nullptr;
  return tree.sections.at(0).block.at(0).branch->arms.at(0).condition;
}

std::string error_of(const std::string& condition) {
  const auto expression = parsed(condition);
  if (!expression) return "no parse";
  auto compiled = Condition::compile(*expression);
  return compiled.ok() ? "" : compiled.error().text();
}

char evaluate(const std::string& condition, std::string_view json = kEvent) {
  const auto expression = parsed(condition);
  if (!expression) return 'P';
  auto compiled = Condition::compile(*expression);
  if (!compiled.ok()) return 'C';
  Batch batch;
  const Row row = test::add_event(batch, json);
  switch (compiled.value().evaluate(batch[row])) {
    case Truth::no:
      return 'F';
    case Truth::yes:
      return 'T';
    case Truth::failed:
      break;
  }
  return '!';
}

std::optional<bool> constant_of(const std::string& condition) {
  return Condition::compile(*parsed(condition)).value().constant();
}

TEST(Condition, decides_as_logstash_was_seen_to) {
  std::ifstream golden(PENSTOCK_SOURCE_DIR "/tests/flow/condition_golden.txt");
  size_t count = 0;
  for (std::string line; std::getline(golden, line);) {
    if (line.empty() || line[0] == '#') continue;
    EXPECT_EQ(evaluate(line.substr(2)), line[0]) << line;
    ++count;
  }
  EXPECT_GT(count, 200U);
}

TEST(Condition, a_comparison_that_makes_no_sense_fails) {
  for (const char* condition :
       {"[missing] < 5", "[s] < 5", "[num] < \"5\"", "[n] >= 1", "[arr] > 1", "[h] < 1", "[b] < 5",
        "[missing] < [num]", "[num] <= [s]", "!([missing] < 5)", "[missing] < 5 or [s]",
        "[s] and [missing] < 5", "[s] xor [s] < 5", "[missing] in [arr]",
        "[@timestamp] > \"2020\""})
    EXPECT_EQ(evaluate(condition), '!') << condition;
}

TEST(Condition, what_needs_no_evaluation_can_not_fail) {
  EXPECT_EQ(evaluate("[s] or [missing] < 5"), 'T');
  EXPECT_EQ(evaluate("[missing] and [missing] < 5"), 'F');
  EXPECT_EQ(evaluate("[missing] nand [missing] < 5"), 'T');
}

TEST(Condition, compares_fields_with_each_other) {
  EXPECT_EQ(evaluate("[num] == [five]"), 'T');
  EXPECT_EQ(evaluate("[five] == [num]"), 'F');
  EXPECT_EQ(evaluate("[num] == [numstr]"), 'F');
  EXPECT_EQ(evaluate("[nope] == [missing]"), 'T');
  EXPECT_EQ(evaluate("[n] == [missing]"), 'F');
  EXPECT_EQ(evaluate("[neg] < [f]"), 'T');
  EXPECT_EQ(evaluate("[s] > [numstr]"), 'T');
  EXPECT_EQ(evaluate("[@timestamp] <= [@timestamp]"), 'T');
}

TEST(Condition, an_integer_equals_a_float_but_not_the_other_way_round) {
  EXPECT_EQ(evaluate("[five] == 5"), 'T');
  EXPECT_EQ(evaluate("[num] == 5.0"), 'F');
  EXPECT_EQ(evaluate("[five] == 5."), 'T');
  EXPECT_EQ(evaluate("5 == [five]"), 'T');
}

TEST(Condition, constants_may_stand_on_the_left) {
  EXPECT_EQ(evaluate("3 < [num]"), 'T');
  EXPECT_EQ(evaluate("7 <= [num]"), 'F');
  EXPECT_EQ(evaluate("\"abb\" < [s]"), 'T');
  EXPECT_EQ(evaluate("\"abc\" =~ /b/"), 'T');
}

TEST(Condition, in_looks_into_lists_by_text_and_into_fields_by_value) {
  EXPECT_EQ(evaluate("[b] in [\"true\", \"x\"]"), 'T');
  EXPECT_EQ(evaluate("[five] in [\"5.0\", \"x\"]"), 'T');
  EXPECT_EQ(evaluate("[num] in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]"), 'T');
  EXPECT_EQ(evaluate("[num] in [1, 2, 3, 4, 6, 7, 8, 9, 10, 11]"), 'F');
  EXPECT_EQ(evaluate("[f] in [nest]"), 'T');
  EXPECT_EQ(evaluate("[n] in [nest]"), 'T');
  EXPECT_EQ(evaluate("[ip] in [\"10.1.2.3\", \"::1\"]"), 'T');
  EXPECT_EQ(evaluate("\"abc\" in [\"abc\", \"d\"]"), 'T');
  EXPECT_EQ(evaluate("\"b\" in \"abc\""), 'T');
  EXPECT_EQ(evaluate("[h] in [\"a\", \"b\"]"), 'F');
}

TEST(Condition, a_list_of_one_is_a_field_as_in_logstash) {
  EXPECT_EQ(evaluate("[s] in [\"abc\"]"), 'F');
  EXPECT_EQ(evaluate("[s] not in [\"abc\"]"), 'T');
}

TEST(Condition, or_takes_only_the_last_of_two_ands_as_in_logstash) {
  EXPECT_EQ(evaluate("[missing] and [s] and [s] or [s]"), 'F');
  EXPECT_EQ(evaluate("[missing] and [s] or [s]"), 'T');
  EXPECT_EQ(evaluate("([missing] and [s] and [s]) or [s]"), 'T');
  EXPECT_EQ(evaluate("[s] or [s] and [missing]"), 'T');
}

TEST(Condition, variables_may_hold_texts_and_lists) {
  EXPECT_EQ(evaluate("[s] == \"${WORD}\""), 'T');
  EXPECT_EQ(evaluate("[s] == \"${QUOTED}\""), 'T');
  EXPECT_EQ(evaluate("[s] in \"${LIST}\""), 'T');
  EXPECT_EQ(evaluate("[s] not in \"${LIST}\""), 'F');
  EXPECT_EQ(evaluate("[s] == \"${NOPE:abc}\""), 'T');
}

TEST(Condition, metadata_is_reached) {
  EXPECT_EQ(evaluate("[@metadata][m] == \"x\""), 'T');
  EXPECT_EQ(evaluate("[@metadata]"), 'T');
}

TEST(Condition, constants_are_decided_at_once) {
  EXPECT_EQ(constant_of("1 < 2"), true);
  EXPECT_EQ(constant_of("\"\" or 1 == 2"), false);
  EXPECT_EQ(constant_of("\"x\" and !(1 == 2)"), true);
  EXPECT_EQ(constant_of("\"x\" xor \"y\""), false);
  EXPECT_EQ(constant_of("1 == 2 and [a]"), false);
  EXPECT_EQ(constant_of("[a] and 1 == 2"), std::nullopt);
  EXPECT_EQ(constant_of("\"b\" in \"abc\""), true);
  EXPECT_EQ(constant_of("1 == 1.0"), false);
}

TEST(Condition, what_can_not_work_is_refused) {
  EXPECT_EQ(error_of("[s] =~ /(/"),
            "t:1:20: invalid pattern: end of expression inside a group (at offset 1 "
            "of the expression)");
  EXPECT_EQ(error_of("1 < \"a\""), "t:1:13: a number and a string can't be compared");
  EXPECT_EQ(error_of("[\"a\", \"b\"] in [s]"),
            "t:1:13: only a field, a string or a number can be looked for with `in`");
  EXPECT_EQ(error_of("/a/"), "t:1:13: a pattern alone is no condition; write `[a] =~ /.../`");
}

}  // namespace
}  // namespace penstock
