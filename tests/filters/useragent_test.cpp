#include "filters/useragent.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "filters/useragent/prefilter.h"
#include "filters/useragent/rules.h"
#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;
using test::normalized;

std::string options(const std::string& more) {
  return "regexes => '" + std::string(PENSTOCK_SOURCE_DIR) +
         "/tests/data/useragent/regexes.yaml' source => 'ua' " + more;
}

std::string described(const std::string& settings, std::string_view event, Ecs ecs = Ecs::disabled,
                      bool metadata = false) {
  Context context = test::test_context();
  context.ecs = ecs;
  FilterRun run(useragent_filter(), settings, context);
  return run.one(event, metadata);
}

TEST(UserAgent, older_names_with_target_and_prefix) {
  EXPECT_EQ(described(options("target => 'ua2' prefix => 'p_'"),
                      R"({"ua":"Chromish/89.0.4389.90 (Windows NT 10.0; PEAR one) x"})"),
            normalized(R"({"ua":"Chromish/89.0.4389.90 (Windows NT 10.0; PEAR one) x","ua2":{
  "p_name" : "Chromish",
             "p_device" : "PEAR-one",
                          "p_major" : "89",
                                      "p_minor" : "0",
                                                  "p_patch" : "4389",
                                                              "p_version" : "89.0.4389.90",
                                                                            "p_os_major"
      : "10",
        "p_os_minor" : "0",
                       "p_os_version" : "10.0",
                                        "p_os_name" : "Windows",
                                                      "p_os" : "Windows",
                                                               "p_os_full" : "Windows 10.0"}
})"));
}

TEST(UserAgent, ecs_names_and_parts_in_metadata) {
  EXPECT_EQ(described(options(""), R"({"ua":"Edgish/1.2.3.44 x"})", Ecs::v8, true),
            normalized(R"({"ua":"Edgish/1.2.3.44 x","user_agent":{"name":"Edge-like Edgish",
              "version":"1.2.3.44","device":{"name":"Other"},"os":{"name":"Other",
              "full":"Other"}},"@metadata":{"filter":{"user_agent":{"version":{"major":"1",
              "minor":"2","patch":"3"}}}}})"));
}

TEST(UserAgent, nothing_known_is_other) {
  EXPECT_EQ(described(options("target => 't'"), R"({"ua":"who knows"})"),
            normalized(R"({"ua":"who knows","t":{"name":"Other","device":"Other",
              "os_name":"Other","os":"Other","os_full":"Other"}})"));
}

TEST(UserAgent, replacements_and_blank_groups) {
  const std::string out = described(options("target => 't'"), R"({"ua":"fixed-version Kettle"})");
  EXPECT_NE(out.find(R"("version":"7.8")"), std::string::npos) << out;
  EXPECT_NE(out.find(R"("device":"Kitchen")"), std::string::npos) << out;
  // Without a family the rule doesn't hold; with one a blank version is none.
  EXPECT_NE(described(options(""), R"({"ua":"xz-agent 5"})").find(R"("name":"Other")"),
            std::string::npos);
  EXPECT_EQ(described(options(""), R"({"ua":"xyz-agent "})").find("version"), std::string::npos);
}

TEST(UserAgent, os_versions_join_by_a_blank_after_a_name) {
  EXPECT_NE(described(options(""), R"({"ua":"Windows Vista SP1"})")
                .find(R"("os_full":"Windows Vista SP1")"),
            std::string::npos);
  EXPECT_NE(described(options(""), R"({"ua":"Penguin 1.2.3.4"})").find(R"("os_version":"1.2.3.4")"),
            std::string::npos);
}

TEST(UserAgent, source_may_be_the_target_and_an_array) {
  EXPECT_EQ(
      described(options("target => 'ua' "), R"({"ua":["Edgish/1.2.3","x"]})").find("Edgish/1.2.3"),
      std::string::npos);
  for (const std::string_view event : {R"({"ua":""})", R"({"x":1})", R"({"ua":5})", R"({"ua":[]})"})
    EXPECT_EQ(described(options(""), event), event);
  EXPECT_EQ(described(options("target => 't'"), R"({"t":"scalar","ua":"x"})"),
            R"({"t":"scalar","ua":"x"})");
}

TEST(UserAgent, cache_gives_equal_answers_and_stays_bounded) {
  FilterRun run(useragent_filter(), options("lru_cache_size => 4"));
  std::vector<std::string> first;
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < 50; ++i) {
      const std::string event = R"({"ua":"Chromish/)" + std::to_string(i) + R"(.1"})";
      const std::string out = run.one(event);
      if (round == 0) first.push_back(out);
      EXPECT_EQ(out, first[static_cast<size_t>(i)]);
    }
}

TEST(UserAgent, giant_text_is_cut) {
  const std::string out =
      described(options(""), R"({"ua":")" + std::string(1'000'000, 'a') + R"( Edgish/1.2.3"})");
  EXPECT_NE(out.find(R"("name":"Other")"), std::string::npos);
}

TEST(UserAgent, mistakes_are_errors) {
  EXPECT_NE(test::make_error(useragent_filter(), "source => 'a' regexes => '/none.yaml'")
                .find("/none.yaml"),
            std::string::npos);
  for (const char* yaml :
       {"", "[", "a: b", "user_agent_parsers: []", "user_agent_parsers:\n  - family: x\n",
        "user_agent_parsers:\n  - regex: [a]\n", "- - - a"})
    EXPECT_FALSE(UserAgentRules::parse(yaml).ok()) << yaml;
}

TEST(LiteralFilter, never_loses_a_match) {
  const std::string_view patterns[] = {
      "(Edgish)/(\\d+)", "Foo(?:Bar)?Quux", "Toaster|Kettle", "[Aa]bc+d", "x", "; *(pear) ?(\\w+)"};
  LiteralFilter filter;
  for (const std::string_view pattern : patterns) filter.add(pattern);
  filter.finish();
  Regex::Match match;
  std::vector<uint64_t> bits;
  for (const std::string_view text : {"Edgish/12", "FooQuux", "aKettle", "abcccd x", "; PEAR 1", "",
                                      "ab", "EDGISH/1; pearx Toaster"}) {
    filter.candidates(text, bits);
    for (size_t i = 0; i < std::size(patterns); ++i) {
      const auto regex =
          Regex::compile(patterns[i], {.ignore_case = true, .dialect = Regex::Dialect::perl});
      if (regex.value()->search(text, match) == Regex::Outcome::match) {
        EXPECT_TRUE(bits[0] >> i & 1) << patterns[i] << " in " << text;
      }
    }
  }
}

}  // namespace
}  // namespace penstock
