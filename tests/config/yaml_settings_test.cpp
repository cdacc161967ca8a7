#include "pipeline/config/yaml_settings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace penstock {
namespace {

const char* environment(const std::string& name) { return name == "CORES" ? "6" : nullptr; }

class YamlSettings : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "penstock_settings_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
  }
  // Errors without the folder's name.
  std::string load(const std::vector<SettingOverride>& overrides = {}) {
    Errors errors;
    settings_ = {};
    load_settings(folder_, overrides, environment, settings_, errors);
    return text_of(errors);
  }

  std::string load_all(const std::vector<SettingOverride>& overrides = {}) {
    Errors errors;
    pipelines_.clear();
    load_pipelines(folder_, overrides, environment, pipelines_, errors);
    return text_of(errors);
  }
  std::string text_of(const Errors& errors) const {
    std::string out;
    for (const Error& error : errors) out += error.text() + "\n";
    for (size_t at; (at = out.find(folder_ + "/")) != std::string::npos;)
      out.erase(at, folder_.size() + 1);
    return out;
  }

  std::string folder_;
  EngineSettings settings_;
  std::vector<EngineSettings> pipelines_;
};

TEST_F(YamlSettings, without_a_file_the_defaults_hold) {
  EXPECT_EQ(load(), "");
  EXPECT_EQ(settings_.integer("pipeline.batch.size"), 125);
  EXPECT_EQ(settings_.string("path.data"), "data");
  EXPECT_EQ(settings_.bytes("queue.page_capacity"), 64 << 20);
  EXPECT_EQ(settings_.api_ports().first, 9600);
  EXPECT_EQ(settings_.api_ports().last, 9700);
  EXPECT_EQ(settings_.origin("path.data"), "the default");
}

TEST_F(YamlSettings, dotted_and_nested_keys_mean_the_same) {
  write("logstash.yml",
        "pipeline:\n  batch:\n    size: 500\n    delay: 5\npipeline.id: x\n"
        "pipeline.workers: ${CORES}\nlog:\n  level: ${LEVEL:debug}\nnode.name:\n");
  EXPECT_EQ(load(), "");
  EXPECT_EQ(settings_.integer("pipeline.batch.size"), 500);
  EXPECT_EQ(settings_.integer("pipeline.batch.delay"), 5);
  EXPECT_EQ(settings_.integer("pipeline.workers"), 6);
  EXPECT_EQ(settings_.string("log.level"), "debug");
  EXPECT_EQ(settings_.string("pipeline.id"), "x");
  EXPECT_FALSE(settings_.is_given("node.name"));
}

TEST_F(YamlSettings, our_file_comes_before_logstashs) {
  write("logstash.yml", "pipeline.id: theirs");
  write("penstock.yml", "pipeline.id: ours");
  EXPECT_EQ(load(), "");
  EXPECT_EQ(settings_.string("pipeline.id"), "ours");
}

TEST_F(YamlSettings, the_command_line_wins) {
  write("penstock.yml", "pipeline.id: file\nlog.level: nonsense");
  EXPECT_EQ(load({{"pipeline.id", "flag"}, {"log.level", "warn"}}), "");
  EXPECT_EQ(settings_.string("pipeline.id"), "flag");
  EXPECT_EQ(settings_.origin("pipeline.id"), "the command line");
}

TEST_F(YamlSettings, every_mistake_is_reported_with_its_place) {
  write("penstock.yml",
        "pipeline.wrokers: 4\n"
        "pipeline.batch.size: many\n"
        "log.level: inof\n"
        "path.config: ${NOWHERE}\n"
        "queue.max_bytes: a lot\n"
        "api.ssl.enabled: true\n"
        "xpack.monitoring.enabled: false\n");
  EXPECT_EQ(
      load(),
      "penstock.yml:4:14: the environment variable `NOWHERE` is not set and `${NOWHERE}` gives "
      "no default (`${NOWHERE:default}`)\n"
      "penstock.yml:6:1: api.ssl.enabled: the API has neither TLS nor passwords; keep it on "
      "127.0.0.1 behind a proxy, and remove this\n"
      "penstock.yml:1:1: unknown option `pipeline.wrokers` of `penstock.yml`; did you mean "
      "`pipeline.workers`?\n"
      "penstock.yml:2:22: pipeline.batch.size: expected a whole number, found the string "
      "`many`\n"
      "penstock.yml:3:12: log.level: expected one of `trace`, `debug`, `info`, `warn`, `error`, "
      "`fatal`, found the string `inof`; did you mean `info`?\n"
      "penstock.yml:5:18: queue.max_bytes: expected a size like 1048576 or \"10mb\", found the "
      "string `a lot`\n");
  ASSERT_EQ(settings_.warnings().size(), 2U);
}

TEST_F(YamlSettings, what_has_no_effect_says_why) {
  write("penstock.yml", "queue.drain: true\nxpack.a: 1\nqueue.type: memory\npipeline.workers: 1");
  EXPECT_EQ(load(), "");
  ASSERT_EQ(settings_.warnings().size(), 2U);
  EXPECT_EQ(settings_.warnings()[0].message,
            "queue.drain has no effect: a shutdown always finishes what was read, within "
            "--shutdown.grace");
  EXPECT_EQ(
      settings_.warnings()[1].message,
      "xpack.a has no effect: there is no X-Pack here: scrape /metrics, or read /_node/stats");
}

TEST_F(YamlSettings, what_would_mean_something_else_is_refused) {
  write("penstock.yml", "pipeline.ordered: true\npipeline.workers: 2");
  EXPECT_NE(load().find("pipeline.ordered: `true` needs pipeline.workers: 1"), std::string::npos);
  write("penstock.yml", "config.field_reference.escape_style: percent");
  EXPECT_NE(load().find("only `none` is supported"), std::string::npos);
}

TEST_F(YamlSettings, values_out_of_range_are_refused) {
  write("penstock.yml", "pipeline.workers: 0\napi.http.port: 96000\npipeline.batch.delay: -1");
  EXPECT_EQ(load(),
            "penstock.yml:1:19: pipeline.workers: must be greater than 0\n"
            "penstock.yml:3:23: pipeline.batch.delay: must not be negative\n"
            "penstock.yml:2:16: api.http.port: expected a port (1 to 65535) or a range like "
            "9600-9700, found `96000`\n");
}

TEST_F(YamlSettings, broken_yaml_is_an_error_and_no_crash) {
  write("penstock.yml", "a: [1, 2\nb: }");
  EXPECT_EQ(load().substr(0, 13), "penstock.yml:");
  write("penstock.yml", "- a\n- b\n");
  EXPECT_EQ(load(), "penstock.yml:1:1: expected `key: value` lines\n");
  write("penstock.yml", std::string(100'000, '['));
  EXPECT_NE(load(), "");
}

TEST_F(YamlSettings, a_missing_folder_is_an_error) {
  folder_ += "/nowhere";
  EXPECT_EQ(load().substr(0, 15), "path.settings: ");
}

TEST_F(YamlSettings, pipelines_go_over_the_command_line_and_that_over_the_file) {
  write("logstash.yml", "pipeline.workers: 3\npipeline.batch.size: 7\nxpack.x: 1\n");
  write("pipelines.yml",
        "- pipeline.id: a\n  path.config: /etc/a.conf\n  pipeline.workers: ${CORES}\n"
        "- pipeline:\n    id: b\n    batch.size: 9\n  config.string: input { stdin { } }\n"
        "  dead_letter_queue.max_bytes: 1mb\n");
  EXPECT_EQ(load_all({{"pipeline.workers", "2"}}), "");
  ASSERT_EQ(pipelines_.size(), 2U);
  EXPECT_EQ(pipelines_[0].string("pipeline.id"), "a");
  EXPECT_EQ(pipelines_[0].string("path.config"), "/etc/a.conf");
  EXPECT_EQ(pipelines_[0].integer("pipeline.workers"), 6);
  EXPECT_EQ(pipelines_[0].integer("pipeline.batch.size"), 7);
  EXPECT_EQ(pipelines_[1].string("pipeline.id"), "b");
  EXPECT_EQ(pipelines_[1].integer("pipeline.workers"), 2);
  EXPECT_EQ(pipelines_[1].integer("pipeline.batch.size"), 9);
  EXPECT_EQ(pipelines_[1].bytes("dead_letter_queue.max_bytes"), 1 << 20);
}

TEST_F(YamlSettings, all_that_is_wrong_with_pipelines_is_told_at_once) {
  write("pipelines.yml",
        "- pipeline.id: a\n  path.config: x\n  config.string: y\n"
        "- path.config: x\n"
        "- pipeline.id: a\n  path.config: x\n  pipeline.wrkers: 2\n  log.level: debug\n"
        "- 5\n");
  EXPECT_EQ(load_all(),
            "pipelines.yml:9:3: expected the settings of a pipeline, `key: value`\n"
            "pipelines.yml:1:3: a pipeline needs either `path.config` or `config.string`\n"
            "pipelines.yml:4:3: the pipeline has no `pipeline.id`\n"
            "pipelines.yml:8:3: log.level holds for the whole process: set it in penstock.yml\n"
            "pipelines.yml:5:3: pipeline.id: `a` is already the id of the pipeline at "
            "pipelines.yml:1:3\n"
            "pipelines.yml:7:3: unknown option `pipeline.wrkers` of `pipelines.yml`; did you mean "
            "`pipeline.workers`?\n");
}

TEST_F(YamlSettings, a_pipelines_file_that_is_no_list_is_an_error_and_none_is_none) {
  EXPECT_EQ(load_all(), "");
  EXPECT_TRUE(pipelines_.empty());
  for (const char* text : {"a: 1\n", "", "[]", "5"}) {
    write("pipelines.yml", text);
    EXPECT_NE(load_all().find("expected a list of pipelines"), std::string::npos) << text;
  }
  write("pipelines.yml", "- a: [\n");
  EXPECT_NE(load_all().find("not YAML"), std::string::npos);
}

}  // namespace
}  // namespace penstock
