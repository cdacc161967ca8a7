#include "filters/translate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "filters/translate/dictionary_file.h"
#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::string translated(std::string_view options, std::string_view json,
                       Context context = test::test_context()) {
  FilterRun run(translate_filter(), options, context);
  return run.one(json);
}

constexpr std::string_view kCodes =
    R"(source => "s" dictionary => { "200" => "OK" "500" => "Error" "n" => 5 })";

std::string with(std::string_view options) {
  return std::string(kCodes) + " " + std::string(options);
}

TEST(Translate, looks_the_text_form_up) {
  EXPECT_EQ(translated(kCodes, R"({"s":"200"})"), R"({"s":"200","translation":"OK"})");
  EXPECT_EQ(translated(kCodes, R"({"s":200})"), R"({"s":200,"translation":"OK"})");
  EXPECT_EQ(translated(kCodes, R"({"s":["500","200"]})"),
            R"({"s":["500","200"],"translation":"Error"})");
  EXPECT_EQ(translated(kCodes, R"({"s":"n"})"), R"({"s":"n","translation":5})");
}

TEST(Translate, what_is_not_there_changes_nothing) {
  FilterRun run(translate_filter(), kCodes);
  EXPECT_EQ(run.one(R"({"s":"404"})"), R"({"s":"404"})");
  EXPECT_FALSE(run.matched());
  EXPECT_EQ(run.one(R"({"t":"200"})"), R"({"t":"200"})");
}

TEST(Translate, fallback_takes_references) {
  EXPECT_EQ(translated(with(R"(fallback => "not %{s}")"), R"({"s":"404"})"),
            R"({"s":"404","translation":"not 404"})");
}

TEST(Translate, a_target_that_is_there_stays_unless_overridden) {
  EXPECT_EQ(translated(kCodes, R"({"s":"200","translation":null})"),
            R"({"s":"200","translation":null})");
  EXPECT_EQ(translated(with("override => true"), R"({"s":"200","translation":"x"})"),
            R"({"s":"200","translation":"OK"})");
}

TEST(Translate, in_place_overrides_and_always_matches) {
  FilterRun run(translate_filter(), with(R"(target => "s")"));
  EXPECT_EQ(run.one(R"({"s":"200"})"), R"({"s":"OK"})");
  EXPECT_EQ(run.one(R"({"s":"404"})"), R"({"s":"404"})");
  EXPECT_TRUE(run.matched());
}

TEST(Translate, under_ecs_the_target_is_the_source) {
  Context context = test::test_context();
  context.ecs = Ecs::v8;
  EXPECT_EQ(translated(kCodes, R"({"s":"200"})", context), R"({"s":"OK"})");
}

TEST(Translate, older_names_of_options) {
  EXPECT_EQ(
      translated(R"(field => "s" destination => "d" dictionary => ["a", "b"])", R"({"s":"a"})"),
      R"({"d":"b","s":"a"})");
  EXPECT_NE(test::make_error(translate_filter(), R"(source => "s" field => "s")"), "");
  EXPECT_NE(test::make_error(translate_filter(), R"(source => "s" target => "t"
                                                     destination => "t")"),
            "");
  EXPECT_NE(test::make_error(translate_filter(), ""), "");
}

TEST(Translate, expressions_are_tried_in_order) {
  constexpr auto kOptions = R"(source => "s" regex => true
      dictionary => { "^2\d\d$" => "OK" "^\d" => "other" })";
  EXPECT_EQ(translated(kOptions, R"({"s":"204"})"), R"({"s":"204","translation":"OK"})");
  EXPECT_EQ(translated(kOptions, R"({"s":"2040"})"), R"({"s":"2040","translation":"other"})");
  EXPECT_NE(test::make_error(translate_filter(),
                             R"(source => "s" regex => true dictionary => { "(" => "x" })"),
            "");
}

TEST(Translate, not_exact_replaces_every_key_in_the_text) {
  EXPECT_EQ(translated(with("exact => false"), R"({"s":"200 & 500, é200"})"),
            R"({"s":"200 & 500, é200","translation":"OK & Error, éOK"})");
  EXPECT_EQ(translated(with("exact => false"), R"({"s":"404"})"), R"({"s":"404"})");
}

TEST(Translate, of_keys_at_one_place_the_first_written_wins) {
  EXPECT_EQ(translated(R"(source => "s" exact => false dictionary => { "a" => "1" "ab" => "2" })",
                       R"({"s":"abc"})"),
            R"({"s":"abc","translation":"1bc"})");
  EXPECT_EQ(translated(R"(source => "s" exact => false dictionary => { "ab" => "2" "a" => "1" })",
                       R"({"s":"abac"})"),
            R"({"s":"abac","translation":"21c"})");
}

TEST(Translate, items_of_a_list) {
  const std::string options = with(R"(iterate_on => "s")");
  EXPECT_EQ(translated(options, R"({"s":["200",500,"404"]})"),
            R"({"s":["200",500,"404"],"translation":["OK","Error",null]})");
  EXPECT_EQ(translated(options + R"( fallback => "?")", R"({"s":["1","200"]})"),
            R"({"s":["1","200"],"translation":["?","OK"]})");
  EXPECT_EQ(translated(options, R"({"s":"200"})"), R"({"s":"200","translation":["OK"]})");
}

TEST(Translate, fields_of_objects_in_a_list) {
  EXPECT_EQ(
      translated(with(R"(iterate_on => "[l][m]" target => "[t][u]")"),
                 R"({"l":{"m":[{"s":"200"},{"x":1},"200",{"s":500}]}})"),
      R"({"l":{"m":[{"s":"200","t":{"u":"OK"}},{"x":1},"200",{"s":500,"t":{"u":"Error"}}]}})");
}

TEST(Translate, conflicting_options_are_refused) {
  EXPECT_NE(
      test::make_error(translate_filter(), R"(source => "s" target => "s" override => false)"), "");
  EXPECT_NE(test::make_error(translate_filter(), R"(source => "s" dictionary => { "a" => "b" }
                                                     dictionary_path => "/dev/null")"),
            "");
  EXPECT_NE(test::make_error(translate_filter(), R"(source => "s" dictionary_path => "/dev/null")"),
            "");
}

// --- files ---

class TranslateFile : public testing::Test {
 protected:
  TranslateFile() {
    char folder[] = "/tmp/translate-test-XXXXXX";
    folder_ = mkdtemp(folder);
    context_.resources = &resources_;
  }
  ~TranslateFile() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view text) {
    const std::string path = folder_ + "/" + name;
    // Another file, so that a change within the clock's grain is one too.
    std::ofstream(path + ".new", std::ios::binary) << text;
    std::filesystem::rename(path + ".new", path);
    return path;
  }
  std::string look_up(const std::string& path, std::string_view key, std::string_view more = "") {
    const std::string options = "source => \"s\" dictionary_path => \"" + path + "\" fallback => " +
                                "\"none\" " + std::string(more);
    const std::string out = translated(options, R"({"s":")" + std::string(key) + R"("})", context_);
    const size_t at = out.find("\"translation\":");
    return at == out.npos ? "" : out.substr(at + 14, out.size() - at - 15);
  }

  std::string folder_;
  SharedResources resources_;
  Context context_ = test::test_context();
};

TEST_F(TranslateFile, yaml_with_its_types) {
  const std::string path = write("d.yml",
                                 "a: 1\n'200': OK\n300: no\nb: yes\nc: [1.5, x]\n"
                                 "d: {e: 'true', f: ~}\ng: 0x1F\nh: 1_000\ni: 2026-01-01\n");
  EXPECT_EQ(look_up(path, "a"), "1");
  EXPECT_EQ(look_up(path, "200"), R"("OK")");
  EXPECT_EQ(look_up(path, "300"), R"("none")");
  EXPECT_EQ(look_up(path, "b"), "true");
  EXPECT_EQ(look_up(path, "c"), R"([1.5,"x"])");
  EXPECT_EQ(look_up(path, "d"), R"({"e":"true","f":null})");
  EXPECT_EQ(look_up(path, "g"), "31");
  EXPECT_EQ(look_up(path, "h"), "1000");
  EXPECT_EQ(look_up(path, "i"), R"("2026-01-01")");
}

TEST_F(TranslateFile, json_and_csv) {
  const std::string json = write("d.json", R"({"a":{"b":[1,null]},"c":"x"})");
  EXPECT_EQ(look_up(json, "a"), R"({"b":[1,null]})");
  const std::string csv = write("d.csv",
                                "\xEF\xBB\xBF"
                                "a,1\r\nb,\"two, \"\"2\"\"\nlines\",more\n\nc,\n\"d\",\"\"\ne");
  EXPECT_EQ(look_up(csv, "a"), R"("1")");
  EXPECT_EQ(look_up(csv, "b"), R"("two, \"2\"\nlines")");
  EXPECT_EQ(look_up(csv, "c"), "null");
  EXPECT_EQ(look_up(csv, "d"), R"("")");
  EXPECT_EQ(look_up(csv, "e"), "null");
}

TEST_F(TranslateFile, empty_files_hold_nothing) {
  for (const char* name : {"e.yml", "e.json", "e.csv"})
    EXPECT_EQ(look_up(write(name, ""), "a"), R"("none")") << name;
}

TEST_F(TranslateFile, malformed_files_are_refused) {
  for (const auto& [name, text] : {std::pair("b.yml", "a: [1"), std::pair("b.json", "[1]"),
                                   std::pair("b.csv", "a,b\"c"), std::pair("b2.csv", "\"a")})
    EXPECT_NE(test::make_error(translate_filter(),
                               "source => \"s\" dictionary_path => \"" + write(name, text) + "\""),
              "")
        << name;
}

TEST_F(TranslateFile, aliases_that_multiply_are_refused) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 10; ++i) {
    bomb += fmt::format("a{}: &a{} [", i, i);
    for (int j = 0; j < 10; ++j) bomb += fmt::format("{}*a{}", j ? "," : "", i - 1);
    bomb += "]\n";
  }
  EXPECT_NE(test::make_error(translate_filter(), "source => \"s\" dictionary_path => \"" +
                                                     write("bomb.yml", bomb) + "\"")
                .find("too many values"),
            std::string::npos);
}

TEST_F(TranslateFile, the_character_limit_is_for_yaml) {
  const std::string path = write("d.yaml", "a: éééé\n");
  const auto error = [&](const std::string& file, std::string_view limit) {
    return test::make_error(translate_filter(), "source => \"s\" dictionary_path => \"" + file +
                                                    "\" yaml_dictionary_code_point_limit => " +
                                                    std::string(limit));
  };
  EXPECT_EQ(error(path, "8"), "");
  EXPECT_NE(error(path, "7"), "");
  EXPECT_NE(error(path, "0"), "");
  EXPECT_NE(error(write("d.json", "{}"), "100"), "");
}

TEST_F(TranslateFile, a_changed_file_is_read_again_when_it_is_time) {
  using translate::DictionaryFile;
  DictionaryFile::Options options;
  options.path = write("d.yml", "a: 1\nb: 2\n");
  const DictionaryFile::SteadyTime start{};
  auto file = DictionaryFile::open(options, start).value();
  translate::Dictionary::Scratch scratch;
  write("d.yml", "a: 3\nc: 4\n");
  file->refresh_if_due(start + std::chrono::seconds(299));
  file->wait();
  EXPECT_EQ(file->current()->find("a", scratch)->integer, 1);
  file->refresh_if_due(start + std::chrono::seconds(300));
  file->wait();
  EXPECT_EQ(file->current()->find("a", scratch)->integer, 3);
  EXPECT_EQ(file->current()->find("b", scratch)->integer, 2);  // merged
  EXPECT_EQ(file->current()->find("c", scratch)->integer, 4);
  EXPECT_EQ(file->reloads().value(), 1U);
}

TEST_F(TranslateFile, replace_forgets_what_the_file_lost) {
  translate::DictionaryFile::Options options;
  options.path = write("d.yml", "a: 1\n");
  options.merge = false;
  auto file = translate::DictionaryFile::open(options, {}).value();
  write("d.yml", "b: 2\n");
  EXPECT_TRUE(file->refresh().ok());
  translate::Dictionary::Scratch scratch;
  EXPECT_EQ(file->current()->find("a", scratch), nullptr);
  EXPECT_NE(file->current()->find("b", scratch), nullptr);
}

TEST_F(TranslateFile, a_file_that_broke_leaves_the_old_dictionary) {
  translate::DictionaryFile::Options options;
  options.path = write("d.yml", "a: 1\n");
  auto file = translate::DictionaryFile::open(options, {}).value();
  write("d.yml", "a: [");
  EXPECT_FALSE(file->refresh().ok());
  std::filesystem::remove(options.path);
  EXPECT_FALSE(file->refresh().ok());
  translate::Dictionary::Scratch scratch;
  EXPECT_NE(file->current()->find("a", scratch), nullptr);
  EXPECT_EQ(file->failures().value(), 2U);
}

TEST_F(TranslateFile, workers_share_one_file) {
  const std::string path = write("d.yml", "a: 1\n");
  const std::string options = "source => \"s\" dictionary_path => \"" + path + "\"";
  FilterRun first(translate_filter(), options, context_);
  std::filesystem::remove(path);
  FilterRun second(translate_filter(), options, context_);
  EXPECT_EQ(second.one(R"({"s":"a"})"), R"({"s":"a","translation":1})");
  EXPECT_TRUE(second.filter().wants_tick());
}

}  // namespace
}  // namespace penstock
