#include "pipeline/config/settings.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

constexpr std::string_view kModes[] = {"tail", "read"};
constexpr Option kOptions[] = {
    {"flag", OptionType::boolean, "false", "A switch."},
    {"count", OptionType::integer, "3", "A number."},
    {"ratio", OptionType::number, "0.5", "A number."},
    {"text", OptionType::string, "%{message}", "Text."},
    {"secret", OptionType::password, "", "A secret."},
    {"mode", OptionType::choice, "tail", "How.", false, kModes},
    {"list", OptionType::strings, R"(["a", "b"])", "A list."},
    {"hosts", OptionType::uris, "", "Where."},
    {"match", OptionType::hash, "", "Pairs."},
    {"source", OptionType::field, "", "A field."},
    {"size", OptionType::bytes, "10kib", "A size."},
    {"every", OptionType::duration, "15 seconds", "A time."},
    {"old", OptionType::string, "", "Gone.", false, {}, "use `text`"},
    {"codec", OptionType::codec, "plain", "A codec."},
};
constexpr PluginInfo kInfo = {"toy", "A toy.", kOptions};

Settings settings(std::string_view text) {
  return test::settings_of(PluginKind::filter, kInfo, text);
}
std::string errors(std::string_view text) {
  return test::errors_of(PluginKind::filter, kInfo, text);
}

TEST(Settings, defaults_hold_when_nothing_is_given) {
  const Settings s = settings("");
  EXPECT_FALSE(s.boolean("flag"));
  EXPECT_EQ(s.integer("count"), 3);
  EXPECT_EQ(s.number("ratio"), 0.5);
  EXPECT_EQ(s.string("text"), "%{message}");
  EXPECT_EQ(s.strings("list"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(s.bytes("size"), 10240);
  EXPECT_EQ(s.milliseconds("every"), 15000);
  EXPECT_EQ(s.codec("codec")->name, "plain");
  EXPECT_FALSE(s.has("secret"));
  EXPECT_FALSE(s.is_given("flag"));
  EXPECT_TRUE(s.has("flag"));
}

TEST(Settings, takes_what_logstash_takes) {
  const Settings s = settings(R"(flag => "true" count => "5" ratio => 2 text => 7 list => one
      match => ["a", "b"] hosts => "http://x:1 y:2" source => "[a][b]" every => 2 add_tag => xx)");
  EXPECT_TRUE(s.boolean("flag"));
  EXPECT_EQ(s.integer("count"), 5);
  EXPECT_EQ(s.number("ratio"), 2);
  EXPECT_EQ(s.string("text"), "7");
  EXPECT_EQ(s.strings("list"), (std::vector<std::string>{"one"}));
  EXPECT_EQ(s.hash("match").at(0).second.text, "b");
  EXPECT_EQ(s.strings("hosts"), (std::vector<std::string>{"http://x:1", "y:2"}));
  EXPECT_EQ(s.field("source").text(), "[a][b]");
  EXPECT_EQ(s.milliseconds("every"), 2000);
  EXPECT_EQ(s.strings("add_tag"), (std::vector<std::string>{"xx"}));
}

TEST(Settings, repeated_options_merge) {
  const Settings s = settings(R"(list => "a" list => ["b", "c"]
      match => { "k" => "1" "m" => "x" } match => { "k" => "2" } text => "same" text => "same")");
  EXPECT_EQ(s.strings("list"), (std::vector<std::string>{"a", "b", "c"}));
  const auto match = s.hash("match");
  ASSERT_EQ(match.size(), 2U);
  EXPECT_EQ(match[0].second.items.size(), 2U);
  EXPECT_EQ(s.string("text"), "same");
}

TEST(Settings, errors_say_where_what_and_the_way_out) {
  EXPECT_EQ(errors(R"(txet => "x"
count => many
mode => "raed"
list => { "a" => "b" }
old => 1
match => ["a"]
flag => 1
secret => ["hunter2", "b"]
codec => json codec => plain
text => "a" text => "b")"),
            "test:2:1: unknown option `txet` of `toy`; did you mean `text`?\n"
            "test:3:10: count: expected a whole number, found `many`\n"
            "test:4:9: mode: expected one of `tail`, `read`, found the string `raed`; did you mean "
            "`read`?\n"
            "test:5:9: list: expected an array of strings, found a hash\n"
            "test:6:8: old: is obsolete: use `text`\n"
            "test:7:10: match: expected a hash, found an array with an odd number of items\n"
            "test:8:9: flag: expected `true` or `false`, found `1`\n"
            "test:9:11: secret: expected a string\n"
            "test:10:15: codec: given again with another value; the first is in line 10\n"
            "test:11:13: text: given again with another value; the first is in line 11\n");
}

TEST(Settings, a_required_option_is_asked_for) {
  static constexpr Option kNeeded[] = {{"path", OptionType::path, "", "Where.", true}};
  EXPECT_EQ(test::errors_of(PluginKind::filter, {"needy", "", kNeeded}, ""),
            "test:1:10: `needy` needs the option `path`: a path\n");
}

TEST(Settings, a_plugin_may_redeclare_a_common_option) {
  static constexpr Option kOwn[] = {{"add_tag", OptionType::integer, "9", "Own."}};
  EXPECT_EQ(test::settings_of(PluginKind::filter, {"own", "", kOwn}, "").integer("add_tag"), 9);
}

}  // namespace
}  // namespace penstock
