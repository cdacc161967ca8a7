// The file input on its own thread, with the system's notifications. Every wait is bounded.
#include "inputs/file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/inputs/fake_intake.h"
#include "tests/support/plugins.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

class FileInputTest : public testing::Test {
 protected:
  FileInputTest() {
    folder_ = fs::temp_directory_path() / ("penstock-input-" + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    context_ = test::test_context();
    context_.clock = &Clock::system();
    context_.path_data = (folder_ / "data").string();
  }
  ~FileInputTest() override {
    end();
    fs::remove_all(folder_);
  }
  void append(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name, std::ios::binary | std::ios::app) << text;
  }
  void start(const std::string& options) {
    const Settings settings =
        test::settings_of(PluginKind::input, file_input().info,
                          options + " path => \"" + (folder_ / "*.log").string() + "\"");
    auto made = file_input().make(settings, context_);
    ASSERT_TRUE(made.ok()) << made.error().text();
    input_ = std::move(made).value();
    const Status started = input_->start(intake_, 0);
    ASSERT_TRUE(started.ok()) << started.error().text();
  }
  void end() {
    if (!input_) return;
    input_->stop();
    intake_.settle_all();
    input_->checkpoint();
    input_.reset();
  }

  fs::path folder_;
  Context context_;
  test::FakeIntake intake_;
  std::unique_ptr<Input> input_;
};

// An hour between looks: only notifications can make these fast.
const std::string kNotified = "start_position => beginning stat_interval => 3600 ";

TEST_F(FileInputTest, sees_new_lines_and_new_files_at_once) {
  append("a.log", "1\n");
  start(kNotified);
  EXPECT_EQ(intake_.wait_for(1), Lines{"1"});
  append("a.log", "2\n");
  EXPECT_EQ(intake_.wait_for(1), Lines{"2"});
  append("b.log", "3\n");
  EXPECT_EQ(intake_.wait_for(1), Lines{"3"});
}

TEST_F(FileInputTest, follows_a_rotation) {
  append("a.log", "1\n");
  start(kNotified);
  EXPECT_EQ(intake_.wait_for(1), Lines{"1"});
  fs::rename(folder_ / "a.log", folder_ / "a.log.1");
  append("a.log", "2\n");
  EXPECT_EQ(intake_.wait_for(1), Lines{"2"});
}

TEST_F(FileInputTest, resumes_exactly_after_a_stop) {
  append("a.log", "1\n2\n");
  start(kNotified);
  EXPECT_EQ(intake_.wait_for(2), (Lines{"1", "2"}));
  end();
  append("a.log", "3\n");
  start(kNotified);
  EXPECT_EQ(intake_.wait_for(1), Lines{"3"});
}

TEST_F(FileInputTest, goes_on_when_the_intake_has_room_again) {
  for (int i = 0; i < 3000; ++i) append("a.log", std::to_string(i) + "\n");
  intake_.set_room(1);
  start(kNotified);
  const size_t first = intake_.wait_for(1).size();
  intake_.set_room(SIZE_MAX);
  input_->resume();
  EXPECT_EQ(first + intake_.wait_for(3000 - first).size(), 3000U);
}

TEST_F(FileInputTest, read_mode_finishes_and_completes_its_files) {
  append("a.log", "1\n");
  start("mode => read exit_after_read => true");
  EXPECT_TRUE(intake_.wait_finished());
  EXPECT_EQ(intake_.take(), Lines{"1"});
  EXPECT_TRUE(fs::exists(folder_ / "a.log"));
  end();
  EXPECT_FALSE(fs::exists(folder_ / "a.log"));
}

TEST_F(FileInputTest, finishes_when_nothing_matches) {
  start("mode => read exit_after_read => true");
  EXPECT_TRUE(intake_.wait_finished());
}

}  // namespace
}  // namespace penstock
