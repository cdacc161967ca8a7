#include "pipeline/queue/dead_letter_queue.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "pipeline/queue/crc32c.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

class DeadLetterQueueTest : public testing::Test {
 protected:
  DeadLetterQueueTest() {
    std::string pattern = fs::temp_directory_path() / "dlq-XXXXXX";
    root_ = mkdtemp(pattern.data());
    options_.folder = dead_letter_folder(root_, "main");
    options_.clock = &clock_;
  }
  ~DeadLetterQueueTest() override { fs::remove_all(root_); }

  std::unique_ptr<DeadLetterQueue> open() {
    auto opened = DeadLetterQueue::open(options_);
    EXPECT_TRUE(opened.ok());
    return std::move(opened).value();
  }
  static DeadLetter letter(std::string_view event) {
    DeadLetter letter;
    letter.event_json = event;
    letter.metadata_json = R"({"index":"logs"})";
    letter.plugin_type = "elasticsearch";
    letter.plugin_id = "es";
    letter.reason = "because";
    letter.status = 400;
    return letter;
  }
  std::vector<std::string> events(uint64_t* damaged = nullptr) const {
    std::vector<std::string> out;
    DeadLetterReader reader(options_.folder);
    for (StoredLetter stored; reader.next(stored);) out.push_back(stored.event_json);
    EXPECT_TRUE(reader.status().ok());
    if (damaged) *damaged = reader.damaged_bytes();
    return out;
  }
  std::string segment(size_t i) const {
    char name[32];
    std::snprintf(name, sizeof name, "/%010zu.dlq", i);
    return options_.folder + name;
  }
  static std::string slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void spill(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }

  std::string root_;
  ManualClock clock_{{1'700'000'000, 5}};
  DeadLetterQueue::Options options_;
};

TEST(Crc32c, gives_the_standards_check_value) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c("6789", crc32c("12345")), 0xE3069283U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST_F(DeadLetterQueueTest, gives_back_what_was_put) {
  const auto queue = open();
  ASSERT_TRUE(queue->put(letter(R"({"a":1})")).ok());
  ASSERT_TRUE(queue->sync().ok());
  DeadLetterReader reader(options_.folder);
  StoredLetter stored;
  ASSERT_TRUE(reader.next(stored));
  EXPECT_EQ(stored.event_json, R"({"a":1})");
  EXPECT_EQ(stored.metadata_json, R"({"index":"logs"})");
  EXPECT_EQ(stored.pipeline, "main");
  EXPECT_EQ(stored.plugin_type, "elasticsearch");
  EXPECT_EQ(stored.plugin_id, "es");
  EXPECT_EQ(stored.reason, "because");
  EXPECT_EQ(stored.status, 400);
  EXPECT_EQ(stored.time, (Instant{1'700'000'000, 5}));
  EXPECT_FALSE(reader.next(stored));
  EXPECT_EQ(queue->letters().value(), 1U);
}

TEST_F(DeadLetterQueueTest, keeps_letters_over_a_restart) {
  ASSERT_TRUE(open()->put(letter("1")).ok());
  ASSERT_TRUE(open()->put(letter("2")).ok());
  EXPECT_EQ(events(), (std::vector<std::string>{"1", "2"}));
}

TEST_F(DeadLetterQueueTest, passes_over_a_torn_end) {
  ASSERT_TRUE(open()->put(letter("1")).ok());
  ASSERT_TRUE(open()->put(letter("2")).ok());
  const std::string whole = slurp(segment(2));
  for (size_t size = 0; size < whole.size(); ++size) {
    spill(segment(2), whole.substr(0, size));
    uint64_t damaged = 0;
    EXPECT_EQ(events(&damaged), (std::vector<std::string>{"1"}));
    EXPECT_EQ(damaged, size);
  }
  ASSERT_TRUE(open()->put(letter("3")).ok());
  EXPECT_EQ(events(), (std::vector<std::string>{"1", "3"}));
}

TEST_F(DeadLetterQueueTest, loses_only_the_damaged_letter) {
  {
    const auto queue = open();
    for (const char* event : {"1", "2", "3"}) ASSERT_TRUE(queue->put(letter(event)).ok());
  }
  const std::string whole = slurp(segment(1));
  const size_t one = whole.size() / 3;
  for (size_t i = one; i < 2 * one; ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x40);
    spill(segment(1), changed);
    uint64_t damaged = 0;
    EXPECT_EQ(events(&damaged), (std::vector<std::string>{"1", "3"})) << i;
    EXPECT_EQ(damaged, one);
  }
}

TEST_F(DeadLetterQueueTest, a_letter_that_holds_a_record_is_one_letter) {
  const std::string inner = encode_letter(letter("inner"), "p", "r", {});
  ASSERT_TRUE(open()->put(letter(inner)).ok());
  EXPECT_EQ(events(), (std::vector<std::string>{inner}));
}

TEST_F(DeadLetterQueueTest, drops_newer_letters_when_full_and_counts_them) {
  options_.bytes_max = 1'000;
  const auto queue = open();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(queue->put(letter(std::to_string(i))).ok());
  const auto kept = events();
  EXPECT_LE(queue->bytes(), 1'000U);
  EXPECT_EQ(kept.front(), "0");
  EXPECT_EQ(kept.size() + queue->dropped().value(), 50U);
}

TEST_F(DeadLetterQueueTest, drops_older_letters_when_told_to_and_counts_them) {
  options_.bytes_max = 1'000;
  options_.policy = StoragePolicy::drop_older;
  const auto queue = open();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(queue->put(letter(std::to_string(i))).ok());
  const auto kept = events();
  EXPECT_LE(queue->bytes(), 1'000U);
  EXPECT_EQ(kept.back(), "49");
  EXPECT_EQ(kept.size() + queue->dropped().value(), 50U);
}

TEST_F(DeadLetterQueueTest, drops_a_letter_larger_than_the_queue) {
  options_.bytes_max = 1'000;
  options_.policy = StoragePolicy::drop_older;
  const auto queue = open();
  ASSERT_TRUE(queue->put(letter("1")).ok());
  ASSERT_TRUE(queue->put(letter(std::string(2'000, 'x'))).ok());
  EXPECT_EQ(events(), (std::vector<std::string>{"1"}));
  EXPECT_EQ(queue->dropped().value(), 1U);
}

TEST_F(DeadLetterQueueTest, tells_a_full_disk_and_goes_on_when_there_is_room) {
  const auto queue = open();
  ASSERT_TRUE(queue->put(letter("1")).ok());
  // A limit on file sizes stands in for a full disk: write() fails half way.
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  auto* old = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = queue->bytes() + 20;
  setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_FALSE(queue->put(letter("2")).ok());
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old);
  ASSERT_TRUE(queue->put(letter("2")).ok());
  uint64_t damaged = 0;
  EXPECT_EQ(events(&damaged), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(damaged, 0U);
}

TEST_F(DeadLetterQueueTest, is_written_by_one_process_only) {
  const auto queue = open();
  const auto second = DeadLetterQueue::open(options_);
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().message.find("another process"), std::string::npos);
}

TEST_F(DeadLetterQueueTest, takes_letters_from_several_threads) {
  const auto queue = open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) EXPECT_TRUE(queue->put(letter("x")).ok());
      EXPECT_TRUE(queue->sync().ok());
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(events().size(), 400U);
}

TEST_F(DeadLetterQueueTest, scrubs_reasons) {
  options_.scrub = [](std::string_view text) { return std::string(text.size(), '*'); };
  ASSERT_TRUE(open()->put(letter("1")).ok());
  DeadLetterReader reader(options_.folder);
  StoredLetter stored;
  ASSERT_TRUE(reader.next(stored));
  EXPECT_EQ(stored.reason, "*******");
}

TEST(DeadLetterFolder, stays_inside_the_data_folder) {
  EXPECT_EQ(dead_letter_folder("data", "main"), "data/dead_letter_queue/main");
  EXPECT_EQ(dead_letter_folder("data", "../x"), "data/dead_letter_queue/.._x");
  EXPECT_EQ(dead_letter_folder("data", ".."), "data/dead_letter_queue/_..");
}

}  // namespace
}  // namespace penstock
