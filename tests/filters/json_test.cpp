#include "filters/json.h"

#include <gtest/gtest.h>

#include "pipeline/event/json_writer.h"

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

// The event of one field `message`, after the filter; without its message.
std::string parsed(std::string_view text, const std::string& options = "") {
  FilterRun run(json_filter(), R"(source => "message" )" + options);
  ByteBuffer quoted;
  write_json_string(text, quoted);
  const std::string out = run.one("{\"message\":" + std::string(quoted.view()) + "}", true);
  const std::string message = ",\"message\":" + std::string(quoted.view());
  const size_t at = out.find(message);
  if (at != out.npos) return std::string(out).erase(at, message.size());
  const std::string first = "\"message\":" + std::string(quoted.view()) + ",";
  const size_t begin = out.find(first);
  return begin == out.npos ? out : std::string(out).erase(begin, first.size());
}

TEST(JsonFilter, members_become_fields) {
  EXPECT_EQ(parsed(R"({"a":1,"b":{"c":[true,null,"x"]}})"), R"({"a":1,"b":{"c":[true,null,"x"]}})");
}

TEST(JsonFilter, members_replace_fields_of_their_name) {
  EXPECT_EQ(parsed(R"({"message":"inner","a":1})"), R"({"a":1,"message":"inner"})");
  FilterRun run(json_filter(), R"(source => "message")");
  EXPECT_EQ(run.one(R"({"a":"old","message":"{\"b\":1,\"a\":2}","b":"old"})"),
            R"({"a":2,"b":1,"message":"{\"b\":1,\"a\":2}"})");
}

TEST(JsonFilter, digits_of_large_numbers_stay) {
  EXPECT_EQ(parsed(R"({"a":12345678901234567890123,"b":1.10,"c":1e400})"),
            R"({"a":12345678901234567890123,"b":1.10,"c":1e400})");
}

TEST(JsonFilter, target_takes_any_value) {
  EXPECT_EQ(parsed("[1,2]", R"(target => "[x][y]")"), R"({"x":{"y":[1,2]}})");
  EXPECT_EQ(parsed("12", R"(target => "doc")"), R"({"doc":12})");
  EXPECT_EQ(parsed("", R"(target => "doc")"), R"({"doc":null})");
}

TEST(JsonFilter, root_takes_objects_only) {
  for (const char* text : {"[1]", "12", "\"x\"", "null", "", "   "})
    EXPECT_EQ(parsed(text).find("_jsonparsefailure") != std::string::npos, true) << text;
}

TEST(JsonFilter, malformed_text_leaves_the_event_and_tags_it) {
  for (const char* text : {"{", "{bad", "{'a':1}", "{\"a\":1} x", "{\"a\":NaN}", "{\"a\":tru}"}) {
    FilterRun run(json_filter(), R"(source => "m" remove_field => ["m"])");
    ByteBuffer quoted;
    write_json_string(text, quoted);
    const std::string message(quoted.view());
    EXPECT_EQ(run.one("{\"m\":" + message + "}"),
              "{\"m\":" + message + ",\"tags\":[\"_jsonparsefailure\"]}");
    EXPECT_FALSE(run.matched());
  }
}

TEST(JsonFilter, a_missing_null_or_false_source_is_left_alone) {
  FilterRun run(json_filter(), R"(source => "m")");
  for (const char* event : {R"({"a":1})", R"({"m":null})", R"({"m":false})"}) {
    EXPECT_EQ(run.one(event), event);
    EXPECT_FALSE(run.matched());
  }
}

TEST(JsonFilter, a_source_that_is_no_text_is_a_failure) {
  FilterRun run(json_filter(), R"(source => "m" tag_on_failure => ["bad","worse"])");
  EXPECT_EQ(run.one(R"({"m":5})"), R"({"m":5,"tags":["bad","worse"]})");
  EXPECT_EQ(run.one(R"({"m":{"a":1}})"), R"({"m":{"a":1},"tags":["bad","worse"]})");
}

TEST(JsonFilter, timestamp_of_the_text_becomes_the_events) {
  EXPECT_EQ(parsed(R"({"@timestamp":"2020-01-01T00:00:00Z","a":1})"),
            R"({"@timestamp":"2020-01-01T00:00:00.000Z","a":1})");
}

TEST(JsonFilter, a_bad_timestamp_is_kept_aside_and_tagged) {
  EXPECT_EQ(parsed(R"({"@timestamp":"bad"})"),
            R"({"@timestamp":"2023-11-14T22:13:20.000Z","_@timestamp":"bad",)"
            R"("tags":["_timestampparsefailure"]})");
  EXPECT_NE(parsed(R"({"@timestamp":5})").find(R"("_@timestamp":"5")"), std::string::npos);
}

TEST(JsonFilter, names_with_brackets_are_references) {
  EXPECT_EQ(parsed(R"({"[a][b]":1,"a.b":2,"":3})"), R"({"":3,"a":{"b":1},"a.b":2})");
  EXPECT_EQ(parsed(R"({"[a]":1,"a":2})"), R"({"a":2})");
  EXPECT_NE(parsed(R"({"a[b":1})").find("_jsonparsefailure"), std::string::npos);
}

TEST(JsonFilter, metadata_of_the_text_becomes_the_events) {
  EXPECT_EQ(parsed(R"({"@metadata":{"x":1}})"), R"({"@metadata":{"x":1}})");
  EXPECT_NE(parsed(R"({"@metadata":5})").find("_jsonparsefailure"), std::string::npos);
}

TEST(JsonFilter, a_target_below_a_scalar_is_a_failure) {
  FilterRun run(json_filter(), R"(source => "m" target => "[s][t]")");
  EXPECT_EQ(run.one(R"({"m":"{}","s":"x"})"), R"({"m":"{}","s":"x","tags":["_jsonparsefailure"]})");
}

TEST(JsonFilter, needs_a_source) {
  EXPECT_NE(test::errors_of(PluginKind::filter, json_filter().info, ""), "");
}

}  // namespace
}  // namespace penstock
