#include "filters/csv.h"

#include <gtest/gtest.h>

#include "pipeline/event/json_writer.h"
#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::string event_of(std::string_view message) {
  ByteBuffer json;
  json.append("{\"message\":");
  write_json_string(message, json);
  json.append("}");
  return std::string(json.view());
}

// The columns that a message becomes, or "failed".
std::string row(std::string_view message, const std::string& options = "") {
  FilterRun run(csv_filter(), options + " target => \"t\"");
  const std::string out = run.one(event_of(message));
  if (out.find("_csvparsefailure") != out.npos) return "failed";
  const size_t at = out.find("\"t\":");
  return at == out.npos ? out : out.substr(at + 4, out.size() - at - 5);
}

TEST(Csv, columns_are_numbered_or_named) {
  EXPECT_EQ(row("a,b,c"), R"({"column1":"a","column2":"b","column3":"c"})");
  EXPECT_EQ(row("a,b,c", R"(columns => ["x", "y"])"), R"({"column3":"c","x":"a","y":"b"})");
  EXPECT_EQ(row("a,b,c", R"(columns => ["x"] autogenerate_column_names => false)"), R"({"x":"a"})");
}

TEST(Csv, quotes_hold_separators_quotes_and_line_ends) {
  EXPECT_EQ(row(R"("a,b",c,"d ""e""")"), R"({"column1":"a,b","column2":"c","column3":"d \"e\""})");
  EXPECT_EQ(row("\"a\nb\",c"), R"({"column1":"a\nb","column2":"c"})");
  EXPECT_EQ(row(R"("","""",x)"), R"({"column1":"","column2":"\"","column3":"x"})");
  EXPECT_EQ(row("\"\"\"\"\"\""), R"({"column1":"\"\""})");
}

TEST(Csv, an_empty_column_is_null_and_a_quoted_one_is_empty) {
  EXPECT_EQ(row(R"(,"",)"), R"({"column1":null,"column2":"","column3":null})");
  EXPECT_EQ(row(R"(a,,"")", "skip_empty_columns => true"), R"({"column1":"a"})");
}

TEST(Csv, faulty_quotes_fail) {
  EXPECT_EQ(row("\"open,a"), "failed");
  EXPECT_EQ(row("\"a\"b,c"), "failed");
  EXPECT_EQ(row("a\"b,c"), "failed");
  EXPECT_EQ(row("\"\"\""), "failed");
}

TEST(Csv, only_the_first_line_counts) {
  EXPECT_EQ(row("a,b\nc,d"), R"({"column1":"a","column2":"b"})");
  EXPECT_EQ(row("a,b\r\nc,d"), R"({"column1":"a","column2":"b"})");
  EXPECT_EQ(row("\"a\nb\"\rc,\"d\""), "failed");
}

TEST(Csv, separators_and_quotes_of_one_s_own) {
  EXPECT_EQ(row("a;'b;c'", R"(separator => ";" quote_char => "'")"),
            R"({"column1":"a","column2":"b;c"})");
  EXPECT_EQ(row("a||b|c||\"d||e\"", R"(separator => "||")"),
            R"({"column1":"a","column2":"b|c","column3":"d||e"})");
  EXPECT_EQ(row("a,\"b\" c", R"(quote_char => "\x00")"), R"({"column1":"a","column2":"\"b\" c"})");
}

TEST(Csv, converts_what_converts) {
  EXPECT_EQ(row("12,1.5,TRUE,x", R"(convert => { "column1" => "integer" "column2" => "float"
                "column3" => "boolean" "column4" => "integer" })"),
            R"({"column1":12,"column2":1.5,"column3":true,"column4":"x"})");
  EXPECT_EQ(row("0x1f, 1_000 ,99999999999999999999,1__0",
                R"(convert => { "column1" => "integer" "column2" => "integer"
                "column3" => "integer" "column4" => "integer" })"),
            R"({"column1":31,"column2":1000,"column3":99999999999999999999,"column4":"1__0"})");
}

TEST(Csv, converts_times) {
  const std::string options =
      R"(convert => { "column1" => "date_time" "column2" => "date_time" "column3" => "date_time" })";
  EXPECT_EQ(row("2001-02-03 04:05:06,2001-02-03T04:05:06.5+02:00,never", options),
            R"({"column1":"2001-02-03T04:05:06.000Z","column2":"2001-02-03T02:05:06.500Z",)"
            R"("column3":"never"})");
  EXPECT_EQ(row("Jun 1 04:05:06 2017,2001-02-30 04:05:06,2001-02-03", options),
            R"({"column1":"2017-06-01T04:05:06.000Z","column2":"2001-02-30 04:05:06",)"
            R"("column3":"2001-02-03T00:00:00.000Z"})");
}

TEST(Csv, columns_may_be_references) {
  FilterRun run(csv_filter(), R"(columns => ["[a][b]", "[@metadata][m]", "c"])");
  EXPECT_EQ(run.one(R"({"message":"1,2,3"})", true),
            R"({"@metadata":{"m":"2"},"a":{"b":"1"},"c":"3","message":"1,2,3"})");
}

TEST(Csv, a_column_replaces_the_field_of_its_name) {
  FilterRun run(csv_filter(), R"(columns => ["x", "message", "x"])");
  EXPECT_EQ(run.one(R"({"x":0,"message":"1,2,3"})"), R"({"message":"2","x":"3"})");
}

TEST(Csv, a_target_that_is_no_object_fails) {
  FilterRun run(csv_filter(), R"(target => "t")");
  EXPECT_EQ(run.one(R"({"message":"a","t":1})"),
            R"({"message":"a","t":1,"tags":["_csvparsefailure"]})");
}

TEST(Csv, the_first_line_may_be_the_header) {
  FilterRun run(csv_filter(), "autodetect_column_names => true");
  EXPECT_EQ(run.one(R"({"message":"x,y"})"), "");
  EXPECT_EQ(run.one(R"({"message":"1,2,3"})"),
            R"({"column3":"3","message":"1,2,3","x":"1","y":"2"})");
  FilterRun skipping(csv_filter(), R"(columns => ["x", "y"] skip_header => true)");
  EXPECT_EQ(skipping.one(R"({"message":"x,y"})"), "");
  EXPECT_NE(skipping.one(R"({"message":"x,z"})"), "");
}

TEST(Csv, empty_texts_and_other_values) {
  FilterRun run(csv_filter(), "");
  EXPECT_EQ(run.one(R"({"message":""})"), R"({"message":"","tags":["_csvparsefailure"]})");
  EXPECT_EQ(run.one(R"({"message":7})"), R"({"message":7,"tags":["_csvparsefailure"]})");
  EXPECT_EQ(run.one(R"({"a":1})"), R"({"a":1})");
  EXPECT_FALSE(run.matched());
  FilterRun skipping(csv_filter(), "skip_empty_rows => true");
  EXPECT_EQ(skipping.one(R"({"message":""})"),
            R"({"message":"","tags":["_csvskippedemptyfield"]})");
}

TEST(Csv, many_columns) {
  std::string text = "c0";
  for (int i = 1; i < 400; ++i) text += ",c" + std::to_string(i);
  const std::string out = row(text);
  EXPECT_NE(out.find(R"("column400":"c399")"), out.npos);
}

TEST(Csv, wrong_options_are_refused) {
  EXPECT_NE(test::make_error(csv_filter(), R"(convert => { "a" => "wrong" })"), "");
  EXPECT_NE(test::make_error(csv_filter(), R"(separator => "")"), "");
  EXPECT_NE(test::make_error(csv_filter(), R"(quote_char => "ab")"), "");
}

}  // namespace
}  // namespace penstock
