#include "filters/mutate.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::string mutated(std::string_view options, std::string_view event) {
  FilterRun run(mutate_filter(), options);
  return run.one(event, true);
}

// A field `v` after convert => { "v" => type }.
std::string converted(const std::string& value, const std::string& type) {
  const std::string out =
      mutated("convert => { \"v\" => \"" + type + "\" }", "{\"v\":" + value + "}");
  if (out.find("_mutate_error") != out.npos) return "error";
  return out.substr(5, out.size() - 6);
}

TEST(Mutate, rename_moves_a_value) {
  EXPECT_EQ(mutated(R"(rename => { "a" => "[x][y]" })", R"({"a":[1]})"), R"({"x":{"y":[1]}})");
  EXPECT_EQ(mutated(R"(rename => { "gone" => "x" })", R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(mutated(R"(rename => { "a" => "[a][b]" })", R"({"a":1})"), R"({"a":{"b":1}})");
  EXPECT_EQ(mutated(R"(rename => { "n" => "m" })", R"({"n":null})"), R"({"m":null})");
}

TEST(Mutate, rename_takes_names_from_the_event) {
  EXPECT_EQ(mutated(R"(rename => { "f_%{x}" => "%{y}" })", R"({"f_1":5,"x":1,"y":"to"})"),
            R"({"to":5,"x":1,"y":"to"})");
}

TEST(Mutate, rename_below_a_scalar_keeps_the_value_and_tags) {
  EXPECT_EQ(mutated(R"(rename => { "a" => "[s][t]" })", R"({"a":1,"s":"x"})"),
            R"({"a":1,"s":"x","tags":["_mutate_error"]})");
}

TEST(Mutate, coerce_update_and_replace_differ_in_when_they_act) {
  const std::string_view event = R"({"n":null,"s":"abc"})";
  EXPECT_EQ(mutated(R"(coerce => { "n" => "%{s}!" "s" => "x" "m" => "x" })", event),
            R"({"n":"abc!","s":"abc"})");
  EXPECT_EQ(mutated(R"(update => { "s" => "x" "m" => "x" })", event), R"({"n":null,"s":"x"})");
  EXPECT_EQ(mutated(R"(replace => { "s" => "%{s}%{s}" "m" => 5 })", event),
            R"({"m":"5","n":null,"s":"abcabc"})");
}

TEST(Mutate, convert_to_integer) {
  EXPECT_EQ(converted("\"12\"", "integer"), "12");
  EXPECT_EQ(converted("\" -7 \"", "integer"), "-7");
  EXPECT_EQ(converted("\"1,234.9\"", "integer"), "1234");
  EXPECT_EQ(converted("\"1e3\"", "integer"), "1000");
  EXPECT_EQ(converted("\"0x7b\"", "integer"), "123");
  EXPECT_EQ(converted("\"9223372036854775808.0\"", "integer"), "9223372036854775808");
  EXPECT_EQ(converted("2.7", "integer"), "2");
  EXPECT_EQ(converted("true", "integer"), "1");
  EXPECT_EQ(converted("null", "integer"), "null");
  EXPECT_EQ(converted("12345678901234567890123", "integer"), "12345678901234567890123");
  EXPECT_EQ(converted("\"1e400000\"", "integer"), "error");
}

TEST(Mutate, convert_to_float) {
  EXPECT_EQ(converted("\"3,141\"", "float"), "3141.0");
  EXPECT_EQ(converted("\"-0.0\"", "float"), "-0.0");
  EXPECT_EQ(converted("\"1_000.5\"", "float"), "1000.5");
  EXPECT_EQ(converted("\"-0x1.edcdp6\"", "float"), "-123.4501953125");
  EXPECT_EQ(converted("5", "float"), "5.0");
  EXPECT_EQ(converted("false", "float"), "0.0");
}

TEST(Mutate, convert_european_numbers) {
  EXPECT_EQ(converted("\"1.234,5\"", "float_eu"), "1234.5");
  EXPECT_EQ(converted("\"1.234.567,8\"", "integer_eu"), "1234567");
  EXPECT_EQ(converted("\"1.5\"", "integer_eu"), "15");
}

TEST(Mutate, convert_of_no_number_is_an_error) {
  for (const char* text : {"\"abc\"", "\"on\"", "\"\"", "\"0x\"", "\"1.x\"", "\"--1\"", "\"1e\""})
    for (const char* type : {"integer", "float", "integer_eu", "float_eu"})
      EXPECT_EQ(converted(text, type), "error") << text << type;
}

TEST(Mutate, convert_to_boolean_leaves_other_values) {
  for (const char* text : {"\"TRUE\"", "\"yes\"", "\"y\"", "1", "1.0", "true"})
    EXPECT_EQ(converted(text, "boolean"), "true") << text;
  for (const char* text : {"\"f\"", "\"No\"", "0", "0.0", "\"\"", "false"})
    EXPECT_EQ(converted(text, "boolean"), "false") << text;
  EXPECT_EQ(converted("3", "boolean"), "3");
  EXPECT_EQ(converted("\"abc\"", "boolean"), "\"abc\"");
}

TEST(Mutate, convert_to_string) {
  EXPECT_EQ(converted("16777217.0", "string"), "\"16777217.0\"");
  EXPECT_EQ(converted("true", "string"), "\"true\"");
  EXPECT_EQ(converted("[1,null,2.5]", "string"), R"(["1",null,"2.5"])");
}

TEST(Mutate, convert_changes_an_array_as_a_whole_and_no_object) {
  EXPECT_EQ(converted(R"(["1","2"])", "integer"), "[1,2]");
  EXPECT_EQ(converted(R"(["1","x"])", "integer"), "error");
  EXPECT_EQ(mutated(R"(convert => { "v" => "integer" })", R"({"v":["1","x"]})"),
            R"({"tags":["_mutate_error"],"v":["1","x"]})");
  EXPECT_EQ(converted(R"({"a":"1"})", "integer"), R"({"a":"1"})");
  EXPECT_EQ(mutated(R"(convert => { "[v][1]" => "integer" })", R"({"v":["1","2"]})"),
            R"({"v":["1",2]})");
}

TEST(Mutate, gsub_replaces_every_match) {
  const auto gsub = [](const std::string& rest, std::string_view event) {
    return mutated("gsub => [ \"s\", " + rest + " ]", event);
  };
  EXPECT_EQ(gsub(R"("[ac]", "")", R"({"s":"abc"})"), R"({"s":"b"})");
  EXPECT_EQ(gsub(R"("^", "> ")", R"({"s":"a\nb"})"), R"({"s":"> a\n> b"})");
  EXPECT_EQ(gsub(R"("", "-")", R"({"s":"aé"})"), R"({"s":"-a-é-"})");
  EXPECT_EQ(gsub(R"("l*", "-")", R"({"s":"hello"})"), R"({"s":"-h-e--o-"})");
  EXPECT_EQ(gsub(R"("x", "%{t}")", R"({"s":["x",5,"axa"],"t":"Y"})"),
            R"({"s":["Y",5,"aYa"],"t":"Y"})");
  EXPECT_EQ(gsub(R"("x", "y")", R"({"s":5})"), R"({"s":5})");
}

TEST(Mutate, gsub_knows_rubys_references) {
  const auto gsub = [](const std::string& needle, const std::string& text) {
    return mutated("gsub => [ \"s\", \"" + needle + "\", \"" + text + "\" ]", R"({"s":"abc"})");
  };
  EXPECT_EQ(gsub("(?<q>b)", R"(\k<q>\k<q>)"), R"({"s":"abbc"})");
  EXPECT_EQ(gsub("(a)(b)", R"(\2\1)"), R"({"s":"bac"})");
  EXPECT_EQ(gsub(".", R"(\0\0)"), R"({"s":"aabbcc"})");
  EXPECT_EQ(gsub("b", R"([\`|\&|\'])"), R"({"s":"a[a|b|c]c"})");
  EXPECT_EQ(gsub("b", R"(\9\x)"), R"({"s":"a\\xc"})");
}

TEST(Mutate, gsub_makes_expressions_of_the_event) {
  FilterRun run(mutate_filter(), R"(gsub => [ "s", "%{p}+", "x" ])");
  EXPECT_EQ(run.one(R"({"p":"b","s":"abbc"})"), R"({"p":"b","s":"axc"})");
  EXPECT_EQ(run.one(R"({"p":"c","s":"abcc"})"), R"({"p":"c","s":"abx"})");
  EXPECT_EQ(run.one(R"({"p":"(","s":"a"})"), R"({"p":"(","s":"a","tags":["_mutate_error"]})");
}

TEST(Mutate, case_follows_unicode) {
  EXPECT_EQ(mutated(R"(uppercase => ["u"])", R"({"u":"äöß éç я"})"), R"({"u":"ÄÖSS ÉÇ Я"})");
  EXPECT_EQ(mutated(R"(lowercase => ["u"])", R"({"u":["ÄÖ",5,"ÉÇ Я"]})"),
            R"({"u":["äö",5,"éç я"]})");
  EXPECT_EQ(mutated(R"(capitalize => ["u","w"])", R"({"u":"éA","w":"hELLO wORLD"})"),
            R"({"u":"Éa","w":"Hello world"})");
  EXPECT_EQ(mutated(R"(uppercase => ["n","x"])", R"({"n":5})"), R"({"n":5})");
}

TEST(Mutate, strip_takes_white_space_off_texts) {
  EXPECT_EQ(mutated(R"(strip => ["s","a"])", R"({"a":[" x "],"s":" \t y\n"})"),
            R"({"a":["x"],"s":"y"})");
  EXPECT_EQ(mutated(R"(strip => ["a"])", R"({"a":[" x ",1]})"),
            R"({"a":[" x ",1],"tags":["_mutate_error"]})");
}

TEST(Mutate, split_like_ruby) {
  const auto split = [](const std::string& separator, const std::string& text) {
    return mutated("split => { \"s\" => \"" + separator + "\" }", "{\"s\":\"" + text + "\"}");
  };
  EXPECT_EQ(split(",", "a,b,,c"), R"({"s":["a","b","","c"]})");
  EXPECT_EQ(split(",", "a,,"), R"({"s":["a"]})");
  EXPECT_EQ(split(",", ""), R"({"s":[]})");
  EXPECT_EQ(split("", "aé"), R"({"s":["a","é"]})");
  EXPECT_EQ(split(" ", "  a  b "), R"({"s":["a","b"]})");
  EXPECT_EQ(split("--", "a--b-c"), R"({"s":["a","b-c"]})");
  EXPECT_EQ(mutated(R"(split => { "s" => "," })", R"({"s":5})"), R"({"s":5})");
}

TEST(Mutate, join_writes_every_item) {
  EXPECT_EQ(mutated(R"(join => { "a" => "-" })", R"({"a":["x",1,[true,null],2.5]})"),
            R"({"a":"x-1-true--2.5"})");
  EXPECT_EQ(mutated(R"(join => { "a" => "-" })", R"({"a":"x"})"), R"({"a":"x"})");
}

TEST(Mutate, merge_appends_or_merges) {
  EXPECT_EQ(mutated(R"(merge => { "a" => "b" })", R"({"a":"x","b":["y"]})"),
            R"({"a":["x","y"],"b":["y"]})");
  EXPECT_EQ(mutated(R"(merge => { "a" => ["b","c"] })", R"({"b":1,"c":2})"),
            R"({"a":[1,2],"b":1,"c":2})");
  EXPECT_EQ(mutated(R"(merge => { "a" => "b" })", R"({"a":{"x":1,"y":1},"b":{"y":2}})"),
            R"({"a":{"x":1,"y":2},"b":{"y":2}})");
  EXPECT_EQ(mutated(R"(merge => { "a" => "b" })", R"({"a":{"x":1},"b":5})"),
            R"({"a":{"x":1},"b":5})");
}

TEST(Mutate, copy_shares_nothing) {
  EXPECT_EQ(mutated(R"(copy => { "a" => "b" })", R"({"a":{"x":1}})"),
            R"({"a":{"x":1},"b":{"x":1}})");
  FilterRun run(mutate_filter(), R"(copy => { "[@metadata]" => "m" })");
  EXPECT_EQ(run.one(R"({"@metadata":{"k":"v"}})"), R"({"m":{"k":"v"}})");
}

TEST(Mutate, operations_run_in_logstashs_order) {
  EXPECT_EQ(mutated(R"(copy => { "t" => "c" } uppercase => ["t"] rename => { "s" => "t" })",
                    R"({"s":"abc"})"),
            R"({"c":"ABC","t":"ABC"})");
}

TEST(Mutate, a_failed_operation_stops_the_rest_and_matches_nothing) {
  FilterRun run(mutate_filter(), R"(convert => { "v" => "integer" } uppercase => ["s"]
                                    tag_on_failure => "oops")");
  EXPECT_EQ(run.one(R"({"s":"a","v":"x"})"), R"({"s":"a","tags":["oops"],"v":"x"})");
  EXPECT_FALSE(run.matched());
}

TEST(Mutate, wrong_options_are_refused) {
  const auto error = [](std::string_view options) {
    return test::make_error(mutate_filter(), options);
  };
  EXPECT_NE(error(R"(convert => { "a" => "int" })").find("`int`"), std::string::npos);
  EXPECT_NE(error(R"(gsub => [ "a", "b" ])").find("threes"), std::string::npos);
  EXPECT_NE(error(R"(gsub => [ "a", "(", "x" ])").find("`(`"), std::string::npos);
  EXPECT_NE(error(R"(rename => { "a[b" => "c" })"), "");
  EXPECT_EQ(error(""), "");
}

}  // namespace
}  // namespace penstock
