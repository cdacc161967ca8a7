#include "inputs/dead_letter_queue.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "pipeline/queue/dead_letter_queue.h"
#include "tests/support/plugins.h"

namespace penstock {
namespace {

// Takes every parcel and gives it the same verdict.
class TakingIntake : public Intake {
 public:
  explicit TakingIntake(Verdict verdict) : verdict_(verdict) {}

  bool offer(Input&, std::unique_ptr<Parcel>& parcel) override {
    for (const std::string_view record : parcel->records.views) records.emplace_back(record);
    for (const OriginField& field : parcel->origin->fields)
      fields.push_back(field.field.text() + "=" + field.text);
    parcel->token.settle(verdict_);
    parcel.reset();
    return true;
  }
  void finished(Input&) override {
    std::lock_guard lock(mutex_);
    finished_ = true;
    changed_.notify_all();
  }
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), [this] { return finished_; });
  }

  std::vector<std::string> records, fields;

 private:
  Verdict verdict_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool finished_ = false;
};

class DeadLetterInputTest : public testing::Test {
 protected:
  DeadLetterInputTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "dlq-XXXXXX";
    root_ = mkdtemp(pattern.data());
    DeadLetterQueue::Options options;
    options.folder = dead_letter_folder(root_, "main");
    auto queue = DeadLetterQueue::open(options).value().release();
    for (const char* event : {R"({"n":1,"bad":true})", R"({"n":2})"}) {
      DeadLetter letter;
      letter.event_json = event;
      letter.metadata_json = R"({"k":{"a":"v"},"_bulk_action":{"index":{"_index":"x"}}})";
      letter.reason = event;
      EXPECT_TRUE(queue->put(letter).ok());
    }
    delete queue;
  }
  ~DeadLetterInputTest() override { std::filesystem::remove_all(root_); }

  std::unique_ptr<TakingIntake> run(const std::string& options, Verdict verdict = Verdict::done) {
    const InputPlugin plugin = dead_letter_queue_input();
    const Settings settings = test::settings_of(
        PluginKind::input, plugin.info, "path => \"" + root_ + "/dead_letter_queue\" " + options);
    auto input = std::move(plugin.make(settings, test::test_context())).value();
    auto intake = std::make_unique<TakingIntake>(verdict);
    EXPECT_TRUE(input->start(*intake, 0).ok());
    EXPECT_TRUE(intake->wait());
    input->stop();
    input->checkpoint();
    return intake;
  }
  size_t segments() const { return dead_letter_segments(dead_letter_folder(root_, "main")).size(); }

  std::string root_;
};

TEST_F(DeadLetterInputTest, gives_the_events_and_their_metadata) {
  const auto got = run("");
  EXPECT_EQ(got->records, (std::vector<std::string>{R"({"n":1,"bad":true})", R"({"n":2})"}));
  EXPECT_EQ(got->fields[0], R"([@metadata][dead_letter_queue][reason]={"n":1,"bad":true})");
  EXPECT_EQ(got->fields[4], "[@metadata][k][a]=v");
  EXPECT_EQ(segments(), 1U);
}

TEST_F(DeadLetterInputTest, mends_and_chooses) {
  EXPECT_EQ(run(R"(drop_fields => "bad" set_fields => ["n=7"] reason => "bad")")->records,
            (std::vector<std::string>{R"({"n":7})"}));
}

TEST_F(DeadLetterInputTest, deletes_only_what_was_stored_in_whole) {
  run("clean_consumed => true", Verdict::replay);
  EXPECT_EQ(segments(), 1U);
  run("clean_consumed => true reason => bad");
  EXPECT_EQ(segments(), 1U);
  run("clean_consumed => true");
  EXPECT_EQ(segments(), 0U);
}

}  // namespace
}  // namespace penstock
