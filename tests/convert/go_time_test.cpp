#include <gtest/gtest.h>

#include "pipeline/convert/converter.h"

namespace penstock {
namespace {

TEST(GoTime, layouts_become_joda_patterns) {
  EXPECT_EQ(joda_of_go("2006-01-02T15:04:05Z07:00"), "yyyy-MM-dd'T'HH:mm:ssZZ");
  EXPECT_EQ(joda_of_go("2006-01-02T15:04:05.000Z"), "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'");
  EXPECT_EQ(joda_of_go("Mon Jan _2 15:04:05 2006"), "EEE MMM d HH:mm:ss yyyy");
  EXPECT_EQ(joda_of_go("02/Jan/2006:15:04:05 -0700"), "dd/MMM/yyyy:HH:mm:ss Z");
  EXPECT_EQ(joda_of_go("1/2/06 3:04:05 PM"), "M/d/yy h:mm:ss a");
  EXPECT_EQ(joda_of_go("UNIX_MS"), "UNIX_MS");
}

TEST(GoTime, a_layout_with_a_quote_can_not_be_said) { EXPECT_EQ(joda_of_go("15 o'clock"), ""); }

TEST(ConfigText, names_with_dots_become_references) {
  EXPECT_EQ(reference("a.b"), "[a][b]");
  EXPECT_EQ(reference("a"), "[a]");
  EXPECT_EQ(reference("[a][b]"), "[a][b]");
}

TEST(ConfigText, format_strings_name_fields_by_reference) {
  EXPECT_EQ(format_string("a-%{[b.c]}-%{+yyyy.MM.dd}"), "a-%{[b][c]}-%{+yyyy.MM.dd}");
  EXPECT_EQ(format_string("%{[open"), "%{[open");
}

TEST(ConfigText, dotted_and_nested_keys_are_the_same) {
  for (const char* text : {"a.b.c: 1", "a: {b: {c: 1}}", "a.b: {c: 1}", "a: {b.c: 1}"})
    EXPECT_EQ(text_at(YAML::Load(text), "a.b.c"), "1") << text;
  EXPECT_EQ(text_at(YAML::Load("a: {b: 1}"), "a.c", "none"), "none");
}

TEST(Filebeat, a_condition_in_dots_leaves_the_file_as_it_was) {
  const auto made = convert_filebeat(
      "filebeat.inputs: [{type: log, paths: [/a]}]\n"
      "processors: [{drop_event: {when.equals.http.status: 200}}]\noutput.console: {}\n",
      "f.yml");
  ASSERT_TRUE(made.ok());
  EXPECT_NE(made.value().config.find("if [http][status] == 200 {"), std::string::npos)
      << made.value().config;
}

}  // namespace
}  // namespace penstock
