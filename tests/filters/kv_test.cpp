#include "filters/kv.h"

#include <gtest/gtest.h>

#include <random>

#include "filters/kv/splitter.h"
#include "pipeline/event/json_writer.h"
#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

// What the pairs of a message become, without the message.
std::string pairs(std::string_view message, const std::string& options = "") {
  FilterRun run(kv_filter(), options + " target => \"t\"");
  ByteBuffer json;
  json.append("{\"message\":");
  write_json_string(message, json);
  json.append("}");
  const std::string out = run.one(json.view());
  const size_t at = out.find("\"t\":");
  return at == out.npos ? "" : out.substr(at + 4, out.size() - at - 5);
}

TEST(Kv, keys_and_values_with_quotes_and_brackets) {
  EXPECT_EQ(pairs(R"(a=1 b="two words" c='q q' d=[x y] e=(z) h=<k>)"),
            R"({"a":"1","b":"two words","c":"q q","d":"x y","e":"z","h":"k"})");
}

TEST(Kv, values_of_one_key_become_an_array) {
  EXPECT_EQ(pairs("a=1 a=2 a=1"), R"({"a":["1","2","1"]})");
  EXPECT_EQ(pairs("a=1 a=2 a=1", "allow_duplicate_values => false"), R"({"a":["1","2"]})");
}

TEST(Kv, blanks_around_the_split_unless_strict) {
  EXPECT_EQ(pairs("a = 1 b= 2 c =3"), R"({"a":"1","b":"2","c":"3"})");
  EXPECT_EQ(pairs("a = 1 b= 2 c=3", "whitespace => strict"), R"({"c":"3"})");
}

TEST(Kv, empty_values_only_on_demand) {
  EXPECT_EQ(pairs("a= b=\"\"", "whitespace => strict"), "");
  EXPECT_EQ(pairs("a= b=\"\"", "whitespace => strict allow_empty_values => true"),
            R"({"a":"","b":""})");
}

TEST(Kv, classes_of_letters_may_be_ranges_and_escapes) {
  EXPECT_EQ(pairs("a=1\tb:2", R"(field_split => "\t" value_split => ":=")"),
            R"({"a":"1","b":"2"})");
  EXPECT_EQ(pairs("a=1;b=2&c=3", R"(field_split => "&;")"), R"({"a":"1","b":"2","c":"3"})");
}

TEST(Kv, expressions_instead_of_letters) {
  EXPECT_EQ(pairs("a::1, b::\"2, 3\", c::4",
                  R"(field_split_pattern => ", " value_split_pattern => "::")"),
            R"({"a":"1","b":"2, 3","c":"4"})");
}

TEST(Kv, an_escaped_letter_splits_nothing) {
  EXPECT_EQ(pairs(R"(path=C:\Program\ Files key=v)"),
            R"({"key":"v","path":"C:\\Program\\ Files"})");
  EXPECT_EQ(pairs(R"(a="say \"hi\"" b=1)"), R"({"a":"say \\\"hi\\\"","b":"1"})");
}

TEST(Kv, keys_trimmed_chosen_prefixed_and_changed) {
  EXPECT_EQ(pairs("%a=<1>, b=2", R"(trim_key => "%" trim_value => "<>,")"), R"({"a":"1","b":"2"})");
  EXPECT_EQ(pairs("a=1 b=2", R"(include_keys => ["b"] prefix => "x_")"), R"({"x_b":"2"})");
  EXPECT_EQ(pairs("a=1 b=2", R"(exclude_keys => ["b"])"), R"({"a":"1"})");
  EXPECT_EQ(pairs("aB=Cd", "transform_key => uppercase transform_value => capitalize"),
            R"({"AB":"Cd"})");
  EXPECT_EQ(pairs("a-b=1-2", R"(remove_char_key => "-" remove_char_value => "-")"),
            R"({"ab":"12"})");
}

TEST(Kv, recursion_makes_objects) {
  EXPECT_EQ(pairs("a=(b=1 c=[d=2]) e=3", "recursive => true"),
            R"({"a":{"b":"1","c":{"d":"2"}},"e":"3"})");
}

TEST(Kv, defaults_when_the_text_has_no_such_key) {
  EXPECT_EQ(pairs("a=1", R"(default_keys => { "a" => "x" "b" => ["y", "z"] })"),
            R"({"a":"1","b":["y","z"]})");
}

TEST(Kv, texts_of_an_array) {
  FilterRun run(kv_filter(), "");
  EXPECT_EQ(run.one(R"({"message":["a=1",5,"b=2"]})"),
            R"({"a":"1","b":"2","message":["a=1",5,"b=2"]})");
}

TEST(Kv, without_pairs_no_common_options) {
  FilterRun run(kv_filter(), "");
  run.one(R"({"message":"no pairs"})");
  EXPECT_FALSE(run.matched());
  run.one(R"({"message":"a=1"})");
  EXPECT_TRUE(run.matched());
}

TEST(Kv, keys_with_brackets_are_references) {
  FilterRun run(kv_filter(), "");
  EXPECT_EQ(run.one(R"({"message":"[a][b]=1"})"), R"({"a":{"b":"1"},"message":"[a][b]=1"})");
  EXPECT_EQ(run.one(R"({"message":"a[b=1"})"),
            R"({"message":"a[b=1","tags":["_kv_filter_error"]})");
  EXPECT_EQ(run.one(R"({"message":"@timestamp=1"})"),
            R"({"message":"@timestamp=1","tags":["_kv_filter_error"]})");
}

TEST(Kv, many_keys_are_found_again) {
  std::string text;
  for (int i = 0; i < 200; ++i)
    text += "k" + std::to_string(i % 100) + "=" + std::to_string(i) + " ";
  const std::string out = pairs(text);
  EXPECT_NE(out.find(R"("k42":["42","142"])"), out.npos) << out;
  EXPECT_NE(out.find(R"("k99":["99","199"])"), out.npos) << out;
}

TEST(Kv, effort_is_bounded) {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += "a=( ";
  FilterRun run(kv_filter(), "");
  EXPECT_NE(run.one("{\"message\":\"" + text + "\"}").find("_kv_filter_timeout"),
            std::string::npos);
}

TEST(Kv, wrong_options_are_refused) {
  EXPECT_NE(test::make_error(kv_filter(), R"(field_split_pattern => "")"), "");
  EXPECT_NE(test::make_error(kv_filter(), R"(value_split => "")"), "");
  EXPECT_NE(test::make_error(kv_filter(), R"(field_split_pattern => "(")"), "");
}

std::string all_pairs(kv::Splitter& splitter, std::string_view text) {
  std::string out;
  splitter.renew(text.size());
  if (!splitter.has_split(text)) return out;
  kv::Pair pair;
  for (size_t at = 0; splitter.next(text, at, pair) == kv::Outcome::pair;)
    out += "{" + std::string(pair.key) + "}{" + std::string(pair.value) + "}\n";
  return out;
}

// The definition is the expression: texts of the letters that matter, all short ones and many
// random ones.
TEST(Kv, the_splitter_by_hand_agrees_with_the_expression) {
  const char* splits[][2] = {{" ", "="}, {"&;", "=:"}, {" ", " ="}, {"\\\\,", "="}, {"\"", "="}};
  std::mt19937 random(7);
  for (const auto& [field, value] : splits) {
    for (const bool lenient : {true, false}) {
      kv::SplitOptions options;
      options.field_split = field;
      options.value_split = value;
      options.lenient = lenient;
      options.include_brackets = true;
      auto by_hand = kv::make_class_splitter(options);
      ASSERT_NE(by_hand, nullptr);
      auto by_pattern = kv::make_pattern_splitter(options);
      ASSERT_TRUE(by_pattern.ok()) << by_pattern.error().message;
      constexpr std::string_view kLetters = "ab = \\\"'()&,\n\\";
      for (int i = 0; i < 6'000; ++i) {
        std::string text;
        for (size_t size = random() % 14; text.size() < size;)
          text += kLetters[random() % kLetters.size()];
        ASSERT_EQ(all_pairs(*by_hand, text), all_pairs(*by_pattern.value(), text))
            << "field_split " << field << ", value_split " << value << ": " << text;
      }
    }
  }
}

}  // namespace
}  // namespace penstock
