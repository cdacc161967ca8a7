// The file input's own functions, driven step by step: no thread, no timer, no sleep.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "inputs/file.h"
#include "inputs/file/collector.h"
#include "pipeline/plugin/line_framer.h"
#include "tests/inputs/fake_intake.h"
#include "tests/support/plugins.h"

namespace penstock::file {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

// Hands verdicts on; the collector is driven by the test.
class Relay : public Input {
 public:
  Status start(Intake&, uint32_t) override { return ok_status(); }
  void resume() override {}
  void stop() override {}
  void settle(Position position, Verdict verdict) noexcept override {
    if (collector) collector->settle(position, verdict);
  }
  Collector* collector = nullptr;
};

class FileCollectorTest : public testing::Test {
 protected:
  FileCollectorTest() {
    folder_ = fs::temp_directory_path() / ("penstock-file-" + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    context_ = test::test_context();
    context_.clock = &clock_;
    context_.path_data = (folder_ / "data").string();
    context_.plugin_id = "file";
  }
  ~FileCollectorTest() override {
    stop();
    fs::remove_all(folder_);
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, std::string_view text) {
    std::ofstream(path(name), std::ios::binary | std::ios::trunc) << text;
  }
  void append(const std::string& name, std::string_view text) {
    std::ofstream(path(name), std::ios::binary | std::ios::app) << text;
  }
  void write_gzip(const std::string& name, std::string_view text) {
    gzFile file = gzopen(path(name).c_str(), "ab");
    ASSERT_NE(file, nullptr);
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
  }

  void start(std::string options, const std::string& pattern = "*.log*") {
    options += "\npath => \"" + path(pattern) + "\"";
    const Settings settings = test::settings_of(PluginKind::input, file_input().info, options);
    auto read = read_file_options(settings, context_);
    ASSERT_TRUE(read.ok()) << read.error().text();
    const std::string delimiter = read.value().delimiter;
    collector_ = std::make_unique<Collector>(std::move(read).value(), context_, [delimiter] {
      return std::make_unique<LineFramer>(delimiter);
    });
    relay_.collector = collector_.get();
    const Status opened = collector_->open(intake_, relay_, 3);
    ASSERT_TRUE(opened.ok()) << opened.error().text();
    collector_->discover();
  }
  // As a crash would: nothing is written down on the way.
  void stop() {
    if (!collector_) return;
    collector_->stop();
    intake_.parcels().clear();
    relay_.collector = nullptr;
    collector_.reset();
  }
  Lines read_all() {
    while (collector_->pump()) {
    }
    return intake_.take();
  }
  Lines look_and_read() {
    collector_->discover();
    collector_->check();
    return read_all();
  }
  void settle_and_commit() {
    intake_.settle_all();
    collector_->commit(true);
  }

  fs::path folder_;
  ManualClock clock_;
  Context context_;
  test::FakeIntake intake_;
  Relay relay_;
  std::unique_ptr<Collector> collector_;
};

inline const std::string kBeginning = "start_position => beginning";
inline const std::string kRead = R"(mode => read file_completed_action => log
    file_completed_log_path => "/dev/null" exit_after_read => true)";

}  // namespace penstock::file
