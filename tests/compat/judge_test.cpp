#include <gtest/gtest.h>

#include "codecs/codecs.h"
#include "compat/absent.h"
#include "filters/filters.h"
#include "inputs/inputs.h"
#include "outputs/outputs.h"
#include "pipeline/compat/report.h"
#include "pipeline/config/parser.h"

namespace penstock {
namespace {

Registry everything() {
  return {all_inputs(), all_codecs(), all_filters(), all_outputs(), absent_plugins()};
}

CompatReport report_of(const std::string& text) {
  ConfigTree tree;
  Errors errors;
  parse_config(text, "a.conf", {}, tree, errors);
  return examine(tree, everything(), Ecs::disabled, std::move(errors), "64738");
}

// "line:column plugin option: verdict", one per line, but what is exact.
std::string verdicts(const std::string& text) {
  std::string out;
  for (const Finding& found : report_of(text).findings) {
    if (found.verdict == Judgement::exact) continue;
    out += std::to_string(found.where.line) + ":" + std::to_string(found.where.column) + " " +
           found.plugin + " " + found.option + ": " + std::string(verdict_name(found.verdict)) +
           "\n";
  }
  return out;
}

TEST(Compat, what_means_the_same_is_exact) {
  EXPECT_EQ(verdicts(R"(input { stdin { tags => ["a"] } }
                        filter { drop { percentage => 5 } } output { stdout { codec => dots } })"),
            "");
}

TEST(Compat, an_option_that_differs_is_told_with_its_place) {
  EXPECT_EQ(verdicts("input { udp {\n  port => 1\n  workers => 3 } }"),
            "3:3 udp workers: differs\n");
}

TEST(Compat, a_difference_of_one_value_shows_with_that_value_only) {
  const auto tcp = [](const std::string& lookup) {
    return verdicts("input { tcp { port => 1 dns_reverse_lookup_enabled => " + lookup + " } }");
  };
  EXPECT_NE(tcp("true").find("dns_reverse_lookup_enabled: alters"), std::string::npos);
  EXPECT_EQ(tcp("false").find("dns_reverse_lookup_enabled"), std::string::npos);
}

TEST(Compat, a_plugin_that_is_missing_comes_with_what_to_use_instead) {
  const CompatReport report = report_of("output { riemann { host => \"a\" } }");
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].verdict, Judgement::unsupported);
  EXPECT_FALSE(report.findings[0].note.empty());
  EXPECT_TRUE(report.errors.empty());
  EXPECT_EQ(report.verdict(), Judgement::unsupported);
}

TEST(Compat, a_plugin_that_refuses_to_be_made_is_unsupported) {
  EXPECT_EQ(verdicts("filter { memcached { hosts => [\"a\"] } }"),
            "1:10 memcached : unsupported\n");
  EXPECT_NE(verdicts("input { tcp { port => 1 ssl_enabled => true } }")
                .find("tcp ssl_enabled: unsupported"),
            std::string::npos);
}

TEST(Compat, options_of_the_past_are_unsupported_and_misspelt_ones_wrong) {
  EXPECT_NE(verdicts("filter { mutate { remove => [\"a\"] } }").find("mutate remove: unsupported"),
            std::string::npos);
  EXPECT_NE(verdicts("filter { drop { percantage => 5 } }").find("drop percantage: wrong"),
            std::string::npos);
  EXPECT_EQ(report_of("filter { drop { percantage => 5 } }").errors.size(), 1U);
}

TEST(Compat, a_bad_pattern_is_found_by_making_the_filter) {
  const CompatReport report =
      report_of("filter { grok { match => { \"message\" => \"%{NOSUCHPATTERN:a}\" } } }");
  EXPECT_EQ(report.verdict(), Judgement::wrong);
  ASSERT_EQ(report.errors.size(), 1U);
  EXPECT_NE(report.errors[0].message.find("NOSUCHPATTERN"), std::string::npos);
}

TEST(Compat, files_that_are_not_here_are_not_judged) {
  const CompatReport report =
      report_of("filter { translate { source => \"a\" dictionary_path => \"/no/such.yml\" } }");
  EXPECT_TRUE(report.errors.empty());
  EXPECT_EQ(report.unchecked.size(), 1U);
}

TEST(Compat, values_that_are_not_known_here_are_not_judged) {
  EXPECT_TRUE(report_of("filter { drop { percentage => \"64738x\" } }").errors.empty());
}

TEST(Compat, codecs_are_judged_too) {
  EXPECT_EQ(verdicts("output { stdout { codec => rubydebug { } } }"), "1:28 rubydebug : differs\n");
}

TEST(Compat, a_codec_that_is_missing_is_unsupported_and_no_mistake) {
  const CompatReport report = report_of("input { udp { port => 1 codec => sflow { } } }");
  EXPECT_EQ(report.verdict(), Judgement::unsupported);
  EXPECT_TRUE(report.errors.empty());
}

TEST(Compat, text_that_can_not_be_parsed_is_wrong) {
  EXPECT_EQ(report_of("filter { drop { ").verdict(), Judgement::wrong);
}

TEST(Compat, only_differences_that_alter_what_is_delivered_are_errors_at_start) {
  ConfigTree tree;
  Errors errors;
  parse_config("output { elasticsearch { ilm_rollover_alias => \"a\" sniffing => true } }",
               "a.conf", {}, tree, errors);
  const Errors refused = altering_differences(tree, everything());
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_NE(refused[0].message.find("ilm_rollover_alias"), std::string::npos);
}

}  // namespace
}  // namespace penstock
