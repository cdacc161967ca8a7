#include "outputs/index_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/support/dead_letters.h"
#include "tests/support/events.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

class IndexStoreTest : public testing::Test {
 protected:
  IndexStoreTest() {
    std::string pattern = fs::temp_directory_path() / "store-XXXXXX";
    config_.path = mkdtemp(pattern.data());
    config_.item.index = "%{i}";
    config_.retry_interval = std::chrono::milliseconds(1);
    context_.dead_letters = &letters_;
    auto origin = std::make_shared<Origin>();
    origin->ledger = &ledger_.source("in", "stream");
    origin_ = origin;
  }
  ~IndexStoreTest() override { fs::remove_all(config_.path); }

  void write(const std::vector<std::string>& events) {
    Batch batch;
    batch.begin(origin_, {});
    std::vector<Row> rows;
    for (const std::string& event : events) rows.push_back(test::add_event(batch, event));
    auto settlement = std::make_shared<Settlement>();
    settlement->count(batch);
    ledger_.source("in", "stream").read.add(events.size());
    lane_->write(batch, rows, settlement->share());
    settlement->close();
  }
  void open() {
    store_ = std::make_unique<IndexStore>(config_, context_);
    ASSERT_TRUE(store_->start().ok());
    lane_ = store_->open_lane(context_).value();
  }
  void close() {
    lane_->finish();
    store_->stop(std::chrono::seconds(60));
  }
  std::string file(const std::string& index) const {
    std::ifstream in(config_.path + "/" + index + ".ndjson", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  IndexStoreConfig config_;
  test::MemoryDeadLetters letters_;
  Ledger ledger_;
  Context context_;
  std::shared_ptr<const Origin> origin_;
  std::unique_ptr<IndexStore> store_;
  std::unique_ptr<Lane> lane_;
};

TEST_F(IndexStoreTest, writes_each_document_to_the_file_of_its_index) {
  open();
  write({R"({"i":"a","n":1})", R"({"i":"b","n":2})", R"({"i":"a","n":3})"});
  close();
  EXPECT_EQ(file("a"), "{\"i\":\"a\",\"n\":1}\n{\"i\":\"a\",\"n\":3}\n");
  EXPECT_EQ(file("b"), "{\"i\":\"b\",\"n\":2}\n");
  EXPECT_EQ(ledger_.total().delivered, 3U);
}

TEST_F(IndexStoreTest, keeps_names_inside_its_folder) {
  open();
  write({R"({"i":"../x"})", R"({"i":"A"})", R"({"i":".."})", R"({"n":1})", R"({"i":"ok"})"});
  close();
  EXPECT_EQ(ledger_.total().delivered, 1U);
  EXPECT_EQ(ledger_.total().dead_lettered, 4U);
  ASSERT_EQ(letters_.letters().size(), 4U);
  EXPECT_EQ(letters_.letters()[0].plugin_type, "index_store");
  EXPECT_NE(letters_.letters()[3].reason.find("could not be resolved"), std::string::npos);
  EXPECT_FALSE(fs::exists(config_.path + "/../x.ndjson"));
}

TEST_F(IndexStoreTest, cuts_off_a_line_that_a_crash_left) {
  std::ofstream(config_.path + "/a.ndjson") << "{\"n\":0}\n{\"n\":" << std::string(9'000, '1');
  open();
  write({R"({"i":"a"})"});
  close();
  EXPECT_EQ(file("a"), "{\"n\":0}\n{\"i\":\"a\"}\n");
}

TEST_F(IndexStoreTest, cuts_nothing_off_a_file_that_another_output_is_writing) {
  const std::string path = config_.path + "/a.ndjson";
  const int other = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ASSERT_EQ(flock(other, LOCK_SH), 0);
  const std::string half = "{\"half\":";
  ASSERT_EQ(::write(other, half.data(), half.size()), static_cast<ssize_t>(half.size()));
  open();
  write({R"({"i":"a"})"});
  close();
  ::close(other);
  EXPECT_EQ(file("a"), "{\"half\":{\"i\":\"a\"}\n");
}

TEST_F(IndexStoreTest, holds_events_while_the_disk_is_full) {
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  auto* old = std::signal(SIGXFSZ, SIG_IGN);
  config_.flush_bytes = 1;
  open();
  write({R"({"i":"a","n":1})"});
  rlimit small = before;
  small.rlim_cur = 25;  // stands in for a full disk: the second line fits half
  setrlimit(RLIMIT_FSIZE, &small);
  write({R"({"i":"a","n":2})", R"({"i":"a","n":3})"});
  setrlimit(RLIMIT_FSIZE, &before);
  close();
  std::signal(SIGXFSZ, old);
  EXPECT_EQ(file("a"), "{\"i\":\"a\",\"n\":1}\n{\"i\":\"a\",\"n\":2}\n{\"i\":\"a\",\"n\":3}\n");
  EXPECT_EQ(ledger_.total().delivered, 3U);
}

TEST_F(IndexStoreTest, opens_few_files_at_a_time) {
  config_.open_files_max = 2;
  config_.sync = StoreSync::always;
  open();
  std::vector<std::string> events;
  for (int i = 0; i < 60; ++i) events.push_back(R"({"i":"x)" + std::to_string(i % 20) + "\"}");
  write(events);
  close();
  for (int i = 0; i < 20; ++i) {
    const std::string line = R"({"i":"x)" + std::to_string(i) + "\"}\n";
    EXPECT_EQ(file("x" + std::to_string(i)), line + line + line);
  }
}

TEST_F(IndexStoreTest, cannot_start_where_no_folder_can_be) {
  config_.path = "/proc/nowhere";
  EXPECT_FALSE(IndexStore(config_, context_).start().ok());
  config_.path.clear();
}

TEST(IndexNameFault, follows_the_engines_rules) {
  for (const char* good : {"a", "logs-2026.11.21", ".hidden", "a_b", "\xC3\xA9"})
    EXPECT_EQ(index_name_fault(good), "") << good;
  for (const char* bad : {"",   ".",   "..", "-a", "_a", "+a",  "A",   "a/b", "a\\b", "a*",
                          "a?", "a\"", "a<", "a>", "a|", "a b", "a,b", "a#",  "a:",   "a\n"})
    EXPECT_NE(index_name_fault(bad), "") << bad;
  EXPECT_NE(index_name_fault(std::string(249, 'a')), "");
  EXPECT_NE(index_name_fault(std::string_view("a\0", 2)), "");
}

}  // namespace
}  // namespace penstock
