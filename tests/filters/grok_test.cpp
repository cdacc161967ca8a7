#include "filters/grok.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "filters/grok/expression.h"
#include "pipeline/patterns/stock.h"
#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;
using test::normalized;

Context ecs_context(Ecs ecs) {
  Context context = test::test_context();
  context.ecs = ecs;
  return context;
}

std::string grok(std::string_view options, std::string_view event, Ecs ecs = Ecs::disabled) {
  FilterRun run(grok_filter(), options, ecs_context(ecs));
  return run.one(event);
}

TEST(Grok, stock_sets_have_all_their_names) {
  EXPECT_EQ(GrokDictionary::stock(GrokSet::legacy).size(), 317U);
  EXPECT_EQ(GrokDictionary::stock(GrokSet::ecs_v1).size(), 361U);
}

TEST(Grok, every_stock_pattern_compiles_and_captures_into_well_formed_fields) {
  SharedResources resources;
  for (const GrokStockFile& file : grok_stock_files()) {
    const auto& dictionary =
        GrokDictionary::stock(file.set == "legacy" ? GrokSet::legacy : GrokSet::ecs_v1);
    GrokDictionary names;
    std::string text(file.text);
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      const std::string line = text.substr(at, end - at);
      at = end + 1;
      if (line.empty() || line[0] == '#') continue;
      const std::string name = line.substr(0, line.find(' '));
      const auto made = GrokExpression::compile("%{" + name + "}", dictionary, {}, resources);
      EXPECT_TRUE(made.ok()) << name << ": " << (made.ok() ? "" : made.error().message);
    }
  }
}

TEST(Grok, combined_access_log_in_both_schemas) {
  const std::string_view event =
      R"({"message":"83.149.9.216 - frank [17/May/2015:10:05:03 +0000] \"GET /a?b=1 HTTP/1.1\" 200 20368 \"http://ref.example/\" \"Mozilla/5.0 X11\""})";
  EXPECT_EQ(
      grok(R"(match => { "message" => "%{COMBINEDAPACHELOG}" } overwrite => ["message"])", event),
      normalized(
          R"({"message":"83.149.9.216 - frank [17/May/2015:10:05:03 +0000] \"GET /a?b=1 HTTP/1.1\" 200 20368 \"http://ref.example/\" \"Mozilla/5.0 X11\"",
        "clientip":"83.149.9.216","ident":"-","auth":"frank","timestamp":"17/May/2015:10:05:03 +0000","verb":"GET",
        "request":"/a?b=1","httpversion":"1.1","response":"200","bytes":"20368","referrer":"\"http://ref.example/\"","agent":"\"Mozilla/5.0 X11\""})"));
  FilterRun run(grok_filter(), R"(match => { "message" => "%{COMBINEDAPACHELOG}" })",
                ecs_context(Ecs::v8));
  EXPECT_EQ(
      run.one(event),
      normalized(
          R"({"message":"83.149.9.216 - frank [17/May/2015:10:05:03 +0000] \"GET /a?b=1 HTTP/1.1\" 200 20368 \"http://ref.example/\" \"Mozilla/5.0 X11\"",
        "source":{"address":"83.149.9.216"},"user":{"name":"frank"},"timestamp":"17/May/2015:10:05:03 +0000",
        "http":{"request":{"method":"GET","referrer":"http://ref.example/"},"version":"1.1","response":{"status_code":200,"body":{"bytes":20368}}},
        "url":{"original":"/a?b=1"},"user_agent":{"original":"Mozilla/5.0 X11"
}
})"));
  EXPECT_TRUE(run.matched());
}

TEST(Grok, failure_tags_the_event_and_sets_nothing) {
  FilterRun run(grok_filter(), R"(match => { "message" => "%{INT:n} x" })");
  EXPECT_EQ(run.one(R"({"message":"12 y"})"),
            normalized(R"({"message":"12 y","tags":["_grokparsefailure"]})"));
  EXPECT_FALSE(run.matched());
  EXPECT_EQ(
      grok(R"(match => { "message" => "x" } tag_on_failure => ["a","b"])", R"({"message":"y"})"),
      normalized(R"({"message":"y","tags":["a","b"]})"));
}

TEST(Grok, first_pattern_that_matches_ends_it_unless_told_otherwise) {
  const std::string_view event = R"({"message":"7 cats"})";
  EXPECT_EQ(grok(R"(match => { "message" => ["%{INT:n}", "%{WORD:w} cats"] })", event),
            normalized(R"({"message":"7 cats","n":"7"})"));
  EXPECT_EQ(grok(R"(match => { "message" => ["%{INT:n}", "%{WORD:w} cats"] }
                    break_on_match => false)",
                 event),
            normalized(R"({"message":"7 cats","n":"7","w":"7"})"));
  EXPECT_EQ(grok(R"(match => { "none" => "%{INT:x}" "message" => "%{WORD:w}" })", event),
            normalized(R"({"message":"7 cats","w":"7"})"));
}

TEST(Grok, casts_and_numbers_that_are_none) {
  EXPECT_EQ(grok(R"(match => { "message" => "%{NOTSPACE:a:int} %{NOTSPACE:b:float}" })",
                 R"({"message":"12.7x 3.50"})"),
            normalized(R"({"message":"12.7x 3.50","a":12,"b":3.5})"));
  EXPECT_EQ(grok(R"(match => { "message" => "%{NOTSPACE:a:int} %{NOTSPACE:b:float}" })",
                 R"({"message":"99999999999999999999 x"})"),
            normalized(R"({"message":"99999999999999999999 x","a":99999999999999999999,"b":0.0})"));
}

TEST(Grok, values_join_into_arrays_and_overwrite_replaces) {
  EXPECT_EQ(
      grok(R"(match => { "message" => "%{IP:c} %{IP:c} %{IP:c}" })",
           R"({"message":"1.1.1.1 2.2.2.2 3.3.3.3"})"),
      normalized(R"({"message":"1.1.1.1 2.2.2.2 3.3.3.3","c":["1.1.1.1","2.2.2.2","3.3.3.3"]})"));
  EXPECT_EQ(
      grok(R"(match => { "message" => "%{INT} %{GREEDYDATA:message}" })", R"({"message":"1 two"})"),
      R"({"message":["1 two","two"]})");
  EXPECT_EQ(grok(R"(match => { "message" => "%{INT} %{GREEDYDATA:message}" }
                    overwrite => ["message"])",
                 R"({"message":"1 two"})"),
            R"({"message":"two"})");
  EXPECT_EQ(grok(R"(match => { "message" => "%{INT:n}" })", R"({"message":"5","n":4})"),
            R"({"message":"5","n":4})");
}

TEST(Grok, nested_fields_target_and_metadata) {
  EXPECT_EQ(grok(R"(match => { "[a][b]" => "%{WORD:[x][y]} %{WORD:z}" } target => "t")",
                 R"({"a":{"b":"one two"}})"),
            normalized(R"({"a":{"b":"one two"},"t":{"x":{"y":"one"},"z":"two"}})"));
  FilterRun run(grok_filter(), R"(match => { "message" => "%{WORD:[@metadata][w]}" })");
  EXPECT_EQ(run.one(R"({"message":"m"})", true), R"({"@metadata":{"w":"m"},"message":"m"})");
  EXPECT_EQ(grok(R"(match => { "message" => "%{WORD:[a][b]}" })", R"({"message":"m","a":"s"})"),
            R"({"a":"s","message":"m","tags":["_grokparsefailure"]})");
}

TEST(Grok, fields_that_are_no_strings) {
  EXPECT_EQ(grok(R"(match => { "arr" => "%{INT:i}" })", R"({"arr":["1","x",3]})"),
            R"({"arr":["1","x",3],"i":["1","3"]})");
  EXPECT_EQ(grok(R"(match => { "n" => "%{INT:i}" })", R"({"n":42})"), R"({"i":"42","n":42})");
  EXPECT_EQ(grok(R"(match => { "missing" => "%{INT:i}" })", "{}"),
            R"({"tags":["_grokparsefailure"]})");
}

TEST(Grok, empty_captures_are_kept_only_when_asked_for) {
  EXPECT_EQ(grok(R"(match => { "message" => "(?:%{INT:o})?(?<e>)z" })", R"({"message":"z"})"),
            R"({"message":"z"})");
  EXPECT_EQ(grok(R"(match => { "message" => "(?:%{INT:o})?(?<e>)z" } keep_empty_captures => true)",
                 R"({"message":"z"})"),
            R"({"e":"","message":"z","o":null})");
}

TEST(Grok, definitions_from_options_files_and_inline) {
  const auto folder = std::filesystem::temp_directory_path() / "penstock_grok_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "mine") << "# comment\n\n  MYID [A-Z]{2}\\d+\nNAMEONLY\n";
  std::ofstream(folder / "other.skip") << "MYID never\n";
  EXPECT_EQ(grok("match => { message => '%{MYID:id} %{COLOR:c} %{SIZE:s=\\d{2}}' }\n"
                 "patterns_dir => ['" +
                     folder.string() +
                     "'] patterns_files_glob => 'm*'\n"
                     "pattern_definitions => { COLOR => 'red|blue' WORD => 'x' }",
                 R"({"message":"AB12 blue 44"})"),
            R"({"c":"blue","id":"AB12","message":"AB12 blue 44","s":"44"})");
  std::filesystem::remove_all(folder);
}

TEST(Grok, named_captures_only_off_captures_by_pattern_name) {
  EXPECT_EQ(grok(R"(match => { "message" => "%{INT}-%{WORD:w}" } named_captures_only => false)",
                 R"({"message":"5-a"})"),
            R"({"INT":"5","message":"5-a","w":"a"})");
}

TEST(Grok, dot_matches_newlines) {
  EXPECT_EQ(grok(R"(match => { "message" => "a%{GREEDYDATA:r}" })", R"({"message":"a b\nc"})"),
            R"({"message":"a b\nc","r":" b\nc"})");
}

TEST(Grok, runaway_pattern_is_tagged_and_does_not_hold_the_worker) {
  FilterRun run(grok_filter(), R"(match => { "message" => "(?:a+)+b" } timeout_millis => 50)");
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(run.one(R"({"message":")" + std::string(200, 'a') + R"( b"})").find("_groktimeout") !=
                std::string::npos,
            true);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
  EXPECT_FALSE(run.matched());
}

TEST(Grok, mistakes_are_errors_with_a_place) {
  const auto error = [](std::string_view options) {
    return test::make_error(grok_filter(), options);
  };
  EXPECT_NE(error(R"(match => { "m" => "%{NOPE:x}" })").find("%{NOPE} is not defined"),
            std::string::npos);
  EXPECT_NE(
      error(R"(match => { "m" => "%{A}" } pattern_definitions => { A => "%{B}" B => "%{A}" })")
          .find("without an end"),
      std::string::npos);
  EXPECT_NE(error(R"(match => { "m" => "(a" })").find("group"), std::string::npos);
  EXPECT_NE(error(R"(match => { "m" => "%{INT:[a}" })"), "");
  EXPECT_NE(error(R"(match => { "m" => "x" } patterns_dir => "/nowhere/at/all")"), "");
}

}  // namespace
}  // namespace penstock
