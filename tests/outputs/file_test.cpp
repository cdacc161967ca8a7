#include "outputs/file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "codecs/codecs.h"
#include "outputs/file/open_files.h"
#include "tests/support/plugins.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

class FileOutputTest : public testing::Test {
 protected:
  FileOutputTest() {
    folder_ = fs::temp_directory_path() / ("penstock-out-" + std::to_string(getpid()));
    fs::remove_all(folder_);
    context_ = test::test_context();
    registry_.codecs = all_codecs();
    context_.registry = &registry_;
  }
  ~FileOutputTest() override {
    lane_.reset();
    output_.reset();
    fs::remove_all(folder_);
  }
  std::string error_of(const std::string& options) {
    auto made = file_output().make(
        test::settings_of(PluginKind::output, file_output().info, options), context_);
    return made.ok() ? "" : made.error().text();
  }
  void start(const std::string& name, const std::string& options = "") {
    auto made = file_output().make(
        test::settings_of(PluginKind::output, file_output().info,
                          "path => \"" + (folder_ / name).string() + "\" " + options),
        context_);
    ASSERT_TRUE(made.ok()) << made.error().text();
    output_ = std::move(made).value();
    ASSERT_TRUE(output_->start().ok());
    auto lane = output_->open_lane(context_);
    ASSERT_TRUE(lane.ok()) << lane.error().text();
    lane_ = std::move(lane).value();
  }
  // Counts verdicts of the batches written.
  class Verdicts : public Settler {
   public:
    void settle(Position, Verdict verdict) noexcept override {
      ++(verdict == Verdict::done ? done : replayed);
    }
    std::atomic<int> done{0}, replayed{0};
  };
  void write(const std::vector<std::string>& events) {
    Batch batch;
    std::vector<Row> rows;
    for (const std::string& event : events) rows.push_back(test::add_event(batch, event));
    auto settlement = std::make_shared<Settlement>();
    settlement->add_token(AckToken(verdicts_, {}));
    settlement->count(batch);
    lane_->write(batch, rows, settlement->share());
    settlement->close();
  }
  std::string read(const std::string& name) {
    std::ifstream in(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string read_gzip(const std::string& name) {
    gzFile file = gzopen((folder_ / name).c_str(), "rb");
    std::string out(1 << 20, '\0');
    const int got = gzread(file, out.data(), static_cast<unsigned>(out.size()));
    gzclose(file);
    out.resize(static_cast<size_t>(std::max(got, 0)));
    return out;
  }

  fs::path folder_;
  Registry registry_;
  Context context_;
  Verdicts verdicts_;
  std::unique_ptr<Output> output_;
  std::unique_ptr<Lane> lane_;
};

TEST_F(FileOutputTest, writes_json_lines_and_makes_folders) {
  start("a/b/out.log");
  write({R"({"n":1})", R"({"n":2})"});
  write({R"({"n":3})"});
  EXPECT_EQ(read("a/b/out.log"), "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
  EXPECT_EQ(verdicts_.done, 2);
}

TEST_F(FileOutputTest, names_files_by_fields_and_dates) {
  start("%{app}/%{+yyyy-MM-dd}.log", R"(codec => line { format => "%{n}" })");
  write({R"({"app":"x","n":1,"@timestamp":"2026-01-02T03:04:05Z"})",
         R"({"app":"y","n":2,"@timestamp":"2026-01-03T03:04:05Z"})",
         R"({"app":"x","n":3,"@timestamp":"2026-01-02T03:04:05Z"})"});
  EXPECT_EQ(read("x/2026-01-02.log"), "1\n3\n");
  EXPECT_EQ(read("y/2026-01-03.log"), "2\n");
  EXPECT_EQ(verdicts_.done, 1);
}

TEST_F(FileOutputTest, text_from_events_cannot_lead_out_of_the_folder) {
  start("safe/%{app}.log", R"(codec => line { format => "%{n}" })");
  write({R"({"app":"../../../../../../tmp/evil","n":1})", R"({"app":"../evil","n":2})",
         R"({"app":"a\u0000b","n":3})", R"({"app":"sub/../good","n":4})"});
  EXPECT_EQ(read("safe/_filepath_failures"), "1\n2\n3\n");
  EXPECT_FALSE(fs::exists(folder_ / "evil.log"));
  EXPECT_FALSE(fs::exists("/tmp/evil.log"));
}

TEST_F(FileOutputTest, a_name_that_no_file_can_have_goes_to_the_failure_file) {
  start("%{app}", R"(codec => line { format => "%{n}" } filename_failure => "bad")");
  write({R"({"app":")" + std::string(300, 'x') + R"(","n":1})", R"({"app":"good","n":2})"});
  EXPECT_EQ(read("bad"), "1\n");
  EXPECT_EQ(read("good"), "2\n");
  EXPECT_EQ(verdicts_.done, 1);
}

TEST_F(FileOutputTest, makes_a_deleted_file_again) {
  start("out.log");
  write({R"({"n":1})"});
  fs::remove(folder_ / "out.log");
  write({R"({"n":2})"});
  EXPECT_EQ(read("out.log"), "{\"n\":2}\n");
}

TEST_F(FileOutputTest, or_sends_its_events_to_the_failure_file) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "out.log");
  start("out.log", "create_if_deleted => false");
  write({R"({"n":1})"});
  fs::remove(folder_ / "out.log");
  write({R"({"n":2})"});
  EXPECT_FALSE(fs::exists(folder_ / "out.log"));
  EXPECT_EQ(read("_filepath_failures"), "{\"n\":2}\n");
}

TEST_F(FileOutputTest, keeps_only_the_most_recent_event_when_overwriting) {
  start("out.log", "write_behavior => overwrite");
  write({R"({"n":1})", R"({"n":2})"});
  EXPECT_EQ(read("out.log"), "{\"n\":2}\n");
  write({R"({"n":3})"});
  EXPECT_EQ(read("out.log"), "{\"n\":3}\n");
}

TEST_F(FileOutputTest, sets_permissions) {
  start("d/out.log", R"(file_mode => "0600" dir_mode => "0700")");
  write({R"({"n":1})"});
  EXPECT_EQ(fs::status(folder_ / "d/out.log").permissions(), fs::perms(0600));
  EXPECT_EQ(fs::status(folder_ / "d").permissions(), fs::perms(0700));
}

TEST_F(FileOutputTest, gzip_settles_when_its_block_is_written) {
  start("out.gz", "gzip => true flush_interval => 2");
  write({R"({"n":1})"});
  EXPECT_EQ(verdicts_.done, 0);
  EXPECT_TRUE(lane_->pending());
  lane_->tick(std::chrono::steady_clock::now());
  EXPECT_EQ(verdicts_.done, 0);
  lane_->tick(std::chrono::steady_clock::now() + std::chrono::seconds(3));
  EXPECT_EQ(verdicts_.done, 1);
  write({R"({"n":2})"});
  lane_->finish();
  EXPECT_EQ(verdicts_.done, 2);
  EXPECT_EQ(read_gzip("out.gz"), "{\"n\":1}\n{\"n\":2}\n");
}

TEST_F(FileOutputTest, closes_files_that_nobody_writes_to) {
  start("%{n}.log");
  write({R"({"n":1})", R"({"n":2})"});
  lane_->tick(std::chrono::steady_clock::now() + std::chrono::hours(1));
  write({R"({"n":1})"});
  EXPECT_EQ(read("1.log"), "{\"n\":1}\n{\"n\":1}\n");
}

TEST_F(FileOutputTest, opens_a_bounded_number_of_files) {
  start("%{n}.log");
  const size_t count = file_output_parts::OpenFiles::kOpenMax + 10;
  std::vector<std::string> events;
  for (size_t i = 0; i < count; ++i) events.push_back("{\"n\":" + std::to_string(i) + "}");
  write(events);
  EXPECT_EQ(verdicts_.done, 1);
  for (size_t i = 0; i < count; ++i) EXPECT_EQ(read(std::to_string(i) + ".log"), events[i] + "\n");
}

// A limit on the file's size is a full disk that a test can make and mend.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    mend();
    std::signal(SIGXFSZ, old_handler_);
  }
  void mend() { setrlimit(RLIMIT_FSIZE, &old_); }

 private:
  rlimit old_{};
  void (*old_handler_)(int);
};

TEST_F(FileOutputTest, holds_events_while_the_disk_is_full_and_goes_on_where_it_stopped) {
  start("out.log");
  write({R"({"n":1})"});
  FullDisk full(20);
  std::thread writer([&] { write({R"({"n":2,"text":"more than the disk has room for"})"}); });
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (read("out.log").size() < 20 && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  EXPECT_EQ(verdicts_.done, 1);
  full.mend();
  writer.join();
  EXPECT_EQ(read("out.log"), "{\"n\":1}\n{\"n\":2,\"text\":\"more than the disk has room for\"}\n");
  EXPECT_EQ(verdicts_.done, 2);
}

TEST_F(FileOutputTest, a_stop_ends_the_wait_and_the_events_are_replayed) {
  start("out.log");
  FullDisk full(4);
  std::thread writer([&] { write({R"({"n":1})"}); });
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (read("out.log").size() < 4 && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  output_->stop(std::chrono::milliseconds(0));
  writer.join();
  EXPECT_EQ(verdicts_.done, 0);
  EXPECT_EQ(verdicts_.replayed, 1);
  EXPECT_EQ(read("out.log"), "") << "half an event stays";
}

TEST_F(FileOutputTest, refuses_a_path_that_begins_with_a_field) {
  EXPECT_NE(error_of(R"(path => "/%{host}/out.log")").find("fixed folder"), std::string::npos);
}

}  // namespace
}  // namespace penstock
