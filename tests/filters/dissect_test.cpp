#include "filters/dissect.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

// The event that a text becomes, without the text.
std::string parts(const std::string& pattern, const std::string& text) {
  FilterRun run(dissect_filter(), "mapping => { \"m\" => '" + pattern + "' }");
  std::string out = run.one("{\"m\":\"" + text + "\"}");
  const std::string source = "\"m\":\"" + text + "\"";
  if (const size_t at = out.find(source); at != out.npos)
    out.erase(at, source.size() + (out[at + source.size()] == ','));
  if (out.ends_with(",}")) out.erase(out.size() - 2, 1);
  return out;
}

const std::string kFailed = R"({"tags":["_dissectfailure"]})";

TEST(Dissect, takes_a_text_apart_at_delimiters) {
  EXPECT_EQ(parts("[%{time}] %{level}: %{text}", "[10:11] INFO: a b: c"),
            R"({"level":"INFO","text":"a b: c","time":"10:11"})");
}

TEST(Dissect, an_absent_delimiter_fails) {
  EXPECT_EQ(parts("%{a},%{b}", "one"), kFailed);
  EXPECT_EQ(parts("(%{a}", "one"), kFailed);
  EXPECT_EQ(parts("%{a}%{b}", "one"), kFailed);
  EXPECT_EQ(parts("%{a}", ""), kFailed);
}

TEST(Dissect, what_follows_the_last_field_must_be_there) {
  EXPECT_EQ(parts("%{a}]", "one]two"), R"({"a":"one"})");
  EXPECT_EQ(parts("%{a}]", "one"), kFailed);
}

TEST(Dissect, empty_parts_are_fields_too) {
  EXPECT_EQ(parts("%{a},%{b},%{c}", "1,,3"), R"({"a":"1","b":"","c":"3"})");
}

TEST(Dissect, a_delimiter_at_the_beginning_stays_with_the_next_field) {
  EXPECT_EQ(parts("%{a},%{b}", ",x"), R"({"a":"","b":",x"})");
}

TEST(Dissect, skipped_fields_are_not_set) {
  EXPECT_EQ(parts("%{a} %{} %{?x} %{b}", "1 2 3 4"), R"({"a":"1","b":"4"})");
}

TEST(Dissect, padding_is_skipped_after_an_arrow) {
  EXPECT_EQ(parts("%{a->} %{b}", "1    2"), R"({"a":"1","b":"2"})");
  EXPECT_EQ(parts("%{a} %{b}", "1  2"), R"({"a":"1","b":" 2"})");
}

TEST(Dissect, appended_fields_keep_the_delimiter_or_their_order) {
  EXPECT_EQ(parts("%{a}-%{b}-%{+a}", "1-2-3"), R"({"a":"1-3","b":"2"})");
  EXPECT_EQ(parts("%{+a/2} %{+a/1} %{+a/4} %{+a/3}", "1 2 3 go"), R"({"a":"2 1 go 3"})");
}

TEST(Dissect, an_indirect_field_is_named_by_a_value) {
  EXPECT_EQ(parts("%{?key}=%{&key}", "cpu=95"), R"({"cpu":"95"})");
  EXPECT_EQ(parts("%{key}=%{&key}", "cpu=95"), R"({"cpu":"95","key":"cpu"})");
  EXPECT_EQ(parts("%{?key}=%{&key}", "=95=1"), R"({})");
}

TEST(Dissect, names_may_be_references) {
  EXPECT_EQ(parts("%{[a][b]} %{a.c}", "1 2"), R"({"a":{"b":"1"},"a.c":"2"})");
  EXPECT_EQ(parts("%{@timestamp} %{a}", "1 2"), kFailed);
}

TEST(Dissect, braces_may_be_delimiters) {
  EXPECT_EQ(parts("{%{a}}{%{b}}%{rest}", "{foo}{bar}"), R"({"a":"foo","b":"bar","rest":""})");
}

TEST(Dissect, a_missing_field_is_no_failure_but_an_empty_one_is) {
  FilterRun run(dissect_filter(), R"(mapping => { "m" => "%{a} %{b}" })");
  EXPECT_EQ(run.one("{}"), "{}");
  EXPECT_FALSE(run.matched());
  EXPECT_EQ(run.one(R"({"m":null})"), R"({"m":null,"tags":["_dissectfailure"]})");
  EXPECT_EQ(run.one(R"({"m":12.5})"), R"({"m":12.5,"tags":["_dissectfailure"]})");
}

TEST(Dissect, later_mappings_see_the_fields_of_earlier_ones) {
  FilterRun run(dissect_filter(), R"(mapping => { "m" => "%{a} %{b}" "b" => "%{c}/%{d}" })");
  EXPECT_EQ(run.one(R"({"m":"1 2/3"})"), R"({"a":"1","b":"2/3","c":"2","d":"3","m":"1 2/3"})");
}

TEST(Dissect, converts_numbers_of_any_size) {
  FilterRun run(dissect_filter(), R"(convert_datatype => { "i" => "int" "f" => "FLOAT" })");
  EXPECT_EQ(run.one(R"({"i":"00000001","f":"43947404257507186289.345324"})"),
            R"({"f":43947404257507186289.345324,"i":1})");
  EXPECT_EQ(run.one(R"({"i":"-12.9","f":"1.5e2"})"), R"({"f":150,"i":-12})");
  EXPECT_EQ(run.one(R"({"i":"x","f":null})"),
            R"({"f":null,"i":"x","tags":["_dataconversionuncoercible_i_int",)"
            R"("_dataconversionnullvalue_f_FLOAT"]})");
}

TEST(Dissect, wrong_patterns_are_refused) {
  const auto error = [](const std::string& options) {
    return test::make_error(dissect_filter(), options);
  };
  EXPECT_NE(error(R"(mapping => { "m" => "%{+&a}" })"), "");
  EXPECT_NE(error(R"(mapping => { "m" => "%{&+a}" })"), "");
  EXPECT_NE(error(R"(mapping => { "m" => "%{+}" })"), "");
  EXPECT_NE(error(R"(mapping => { "m" => "%{&/2}" })"), "");
  EXPECT_NE(error(R"(mapping => { "m" => "no field" })"), "");
  EXPECT_NE(error(R"(convert_datatype => { "m" => "integer" })"), "");
}

}  // namespace
}  // namespace penstock
