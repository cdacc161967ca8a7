// A pipeline under reload, with an input and an output that a test can hold up and look into.
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "pipeline/config/parser.h"
#include "pipeline/flow/pipeline.h"
#include "pipeline/plugin/dead_letters.h"

namespace penstock {
namespace {

using std::chrono::milliseconds;
constexpr std::chrono::seconds kPatience{60};  // only a broken pipeline needs as long

// What all inputs and outputs of a test tell it.
struct Stage {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, uint64_t> offered;  // records, by name of the input
  std::map<std::string, uint64_t> stored;   // times that a text came to an output
  uint64_t done = 0, replayed = 0;          // tokens
  bool held = false;                        // outputs answer for nothing
  bool broken = false;                      // inputs fail to start

  template <class Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, kPatience, condition);
  }
  void release() {
    std::lock_guard lock(mutex);
    held = false;
    changed.notify_all();
  }
};
Stage* stage = nullptr;

// Sends "name 0", "name 1", ... as fast as it can.
class Feed : public Input {
 public:
  Feed(std::string name, const Context& context) : name_(std::move(name)), context_(context) {}
  ~Feed() override { stop(); }

  Status start(Intake& intake, uint32_t index) override {
    std::lock_guard lock(stage->mutex);
    if (stage->broken && name_ == "bad") return io_error("cannot start");
    auto origin = std::make_shared<Origin>();
    origin->input = index;
    origin->ledger = &context_.ledger->source(context_.plugin_id, "");
    thread_ = std::thread([this, &intake, origin] { run(intake, origin); });
    return ok_status();
  }
  void resume() override {
    std::lock_guard lock(mutex_);
    resumed_ = true;
    changed_.notify_all();
  }
  void stop() override {
    {
      std::lock_guard lock(mutex_);
      stopped_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }
  void settle(Position, Verdict verdict) noexcept override {
    std::lock_guard lock(stage->mutex);
    ++(verdict == Verdict::done ? stage->done : stage->replayed);
  }
  bool keeps_position() const override { return true; }

 private:
  void run(Intake& intake, const std::shared_ptr<const Origin>& origin) {
    while (true) {
      auto parcel = std::make_unique<Parcel>();
      parcel->origin = origin;
      uint64_t next = 0;
      {
        std::lock_guard lock(stage->mutex);
        next = stage->offered[name_];
      }
      constexpr uint64_t kRecords = 3;
      for (uint64_t i = 0; i < kRecords; ++i)
        parcel->records.add_copy(name_ + " " + std::to_string(next + i));
      parcel->token = AckToken(*this, {0, next});
      while (!intake.offer(*this, parcel))
        if (!wait()) return parcel->token.settle(Verdict::done);  // never offered: not counted
      std::lock_guard lock(stage->mutex);
      stage->offered[name_] = next + kRecords;
      stage->changed.notify_all();
      std::lock_guard own(mutex_);
      if (stopped_) return;
    }
  }
  bool wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return resumed_ || stopped_; });
    resumed_ = false;
    return !stopped_;
  }

  std::string name_;
  Context context_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool resumed_ = false, stopped_ = false;
  std::thread thread_;
};

class TextDecoder : public Decoder {
 public:
  void decode(std::string_view record, Batch& out) override {
    Event& event = out[out.append()];
    (void)event.set(FieldRef::of("message"), Value::string(record));
  }
};

// Answers on a thread of its own.
class Store : public Output {
 public:
  ~Store() override { stop(milliseconds(0)); }
  Status start() override {
    thread_ = std::thread([this] { run(); });
    return ok_status();
  }
  Result<std::unique_ptr<Lane>> open_lane(const Context&) override {
    struct StoreLane : Lane {
      explicit StoreLane(Store& its_store) : store(its_store) {}
      void write(const Batch& batch, Rows rows, Delivery delivery) override {
        const FieldRef message = FieldRef::of("message");
        std::lock_guard lock(stage->mutex);
        for (const Row row : rows) ++stage->stored[to_text(*batch[row].find(message))];
        store.waiting_.push_back(std::move(delivery));
        stage->changed.notify_all();
      }
      bool pending() const override { return false; }
      void tick(std::chrono::steady_clock::time_point) override {}
      void finish() override {}
      Store& store;
    };
    return std::unique_ptr<Lane>(std::make_unique<StoreLane>(*this));
  }
  void stop(milliseconds) override {
    std::deque<Delivery> left;
    {
      std::lock_guard lock(stage->mutex);
      stopped_ = true;
      left.swap(waiting_);
      stage->changed.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run() {
    std::unique_lock lock(stage->mutex);
    while (!stopped_) {
      stage->changed.wait(lock, [this] { return stopped_ || (!stage->held && !waiting_.empty()); });
      std::deque<Delivery> ready;
      ready.swap(waiting_);
      lock.unlock();
      for (Delivery& delivery : ready)
        if (!stopped_) delivery.done();
      lock.lock();
    }
  }

  std::deque<Delivery> waiting_;  // under the stage's mutex, as is stopped_ where it is set
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

constexpr Option kFeedOptions[] = {{"name", OptionType::string, "a", "what it sends"}};
const InputPlugin kInputs[] = {
    {{"feed", "", kFeedOptions},
     "",
     [](const Settings& s, const Context& c) -> Result<std::unique_ptr<Input>> {
       return std::unique_ptr<Input>(std::make_unique<Feed>(s.string("name"), c));
     },
     [](const Settings&, const Context&) -> Result<std::unique_ptr<Decoder>> {
       return std::unique_ptr<Decoder>(std::make_unique<TextDecoder>());
     }}};
const OutputPlugin kOutputs[] = {
    {{"store", "", {}}, [](const Settings&, const Context&) -> Result<std::unique_ptr<Output>> {
       return std::unique_ptr<Output>(std::make_unique<Store>());
     }}};

class NoLetters : public DeadLetters {
 public:
  Status put(const DeadLetter&) override { return ok_status(); }
  Status sync() override { return ok_status(); }
};

class Reload : public testing::Test {
 protected:
  void SetUp() override { stage = &stage_; }
  void TearDown() override {
    pipeline_.reset();
    stage = nullptr;
  }

  Plan plan(const std::string& text) {
    ConfigTree tree;
    Errors errors;
    Plan out;
    EXPECT_TRUE(parse_config(text, "t", {}, tree, errors));
    EXPECT_TRUE(make_plan(tree, registry_, {}, out, errors));
    return out;
  }
  PipelineOptions options(uint32_t workers) {
    PipelineOptions out;
    out.workers = workers;
    out.batch_size = 10;
    return out;
  }
  void begin(const std::string& text) {
    Errors errors;
    pipeline_ = Pipeline::make(plan(text), options(2), registry_, metrics_, letters_, errors);
    ASSERT_TRUE(pipeline_);
    ASSERT_TRUE(pipeline_
                    ->start([this] {
                      std::lock_guard lock(stage_.mutex);
                      stage_.changed.notify_all();
                    })
                    .ok());
  }
  Result<Pipeline::Swapped> reload(const std::string& text, uint32_t workers = 2) {
    Errors errors;
    auto next = pipeline_->prepare(plan(text), options(workers), errors);
    if (!next) return errors.front();
    return pipeline_->swap(std::move(next));
  }
  void wait_for_more() {
    uint64_t before = 0;
    const auto sum = [this] {
      uint64_t out = 0;
      for (const auto& [name, count] : stage_.offered) out += count;
      return out;
    };
    {
      std::lock_guard lock(stage_.mutex);
      before = sum();
    }
    ASSERT_TRUE(stage_.wait([&] { return sum() >= before + 30; }));
  }
  // Ends it; everything offered was stored and answered for, once.
  void check_end() {
    pipeline_->stop_inputs();
    ASSERT_TRUE(stage_.wait([this] { return pipeline_->drained(); }));
    pipeline_->stop();
    std::lock_guard lock(stage_.mutex);
    EXPECT_EQ(stage_.replayed, 0U);
    size_t texts = 0;
    for (const auto& [name, count] : stage_.offered) {
      texts += count;
      for (uint64_t i = 0; i < count; ++i) {
        const std::string text = name + " " + std::to_string(i);
        ASSERT_EQ(stage_.stored[text], 1U) << text;
      }
    }
    EXPECT_EQ(stage_.stored.size(), texts);
    const Ledger::Line total = pipeline_->ledger().total();
    EXPECT_EQ(total.in_flight, 0);
    EXPECT_EQ(total.read, texts);
    EXPECT_EQ(total.delivered, texts);
  }

  Stage stage_;
  Registry registry_{kInputs, {}, {}, kOutputs};
  MetricsRegistry metrics_;
  NoLetters letters_;
  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(Reload, nothing_is_lost_or_doubled_when_filters_and_workers_change) {
  const std::string text = "input { feed { id => ii name => aa } } output { store { id => oo } }";
  begin(text);
  for (uint32_t round = 0; round < 40; ++round) {
    wait_for_more();
    const auto swapped = reload(text, 1 + round % 3);
    ASSERT_TRUE(swapped.ok()) << swapped.error().message;
    EXPECT_EQ(swapped.value().kept, 1U);
    EXPECT_EQ(pipeline_->generation()->workers(), 1 + round % 3);
  }
  check_end();
}

TEST_F(Reload, nor_when_outputs_and_inputs_change) {
  begin("input { feed { id => i0 name => n0 } } output { store { id => o0 } }");
  for (uint32_t round = 1; round < 30; ++round) {
    wait_for_more();
    const std::string n = std::to_string(round);
    const auto swapped =
        reload("input { feed { id => i" + n + " name => n" + n +
               " } feed { id => kk name => kk } } output { store { id => o" + n + " } }");
    ASSERT_TRUE(swapped.ok()) << swapped.error().message;
    EXPECT_EQ(swapped.value().kept, round > 1 ? 1U : 0U);
    EXPECT_EQ(swapped.value().stopped, 1U);
    pipeline_->collect();
  }
  check_end();
}

TEST_F(Reload, an_output_that_answers_for_nothing_keeps_its_generation_and_not_the_reload) {
  stage_.held = true;
  const auto text = [](int n) {
    return "input { feed { id => ii name => aa } } output { store { id => o" + std::to_string(n) +
           " } }";
  };
  begin(text(0));
  for (size_t round = 0; round < Pipeline::kEndingMax; ++round) {
    // Each generation has something to wait for.
    ASSERT_TRUE(stage_.wait([&] { return pipeline_->generation()->open_batches() > 4; }));
    ASSERT_TRUE(reload(text(static_cast<int>(round) + 1)).ok());
  }
  const auto refused = reload(text(99));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::overload);
  stage_.release();
  ASSERT_TRUE(stage_.wait(
      [&] { return pipeline_->open_batches() <= pipeline_->generation()->open_batches() + 1; }));
  check_end();
}

TEST_F(Reload, an_input_that_can_not_start_leaves_everything_as_it_was) {
  begin("input { feed { id => ii name => aa } feed { id => jj name => bb } } output { store { } }");
  wait_for_more();
  stage_.broken = true;
  const auto failed = reload(
      "input { feed { id => ii name => aa } feed { id => jj name => bad } } output { store { } }");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().message, "cannot start");
  wait_for_more();
  uint64_t before = 0;
  {
    std::lock_guard lock(stage_.mutex);
    before = stage_.offered["bb"];
  }
  ASSERT_TRUE(stage_.wait([&] { return stage_.offered["bb"] > before; }));
  check_end();
}

TEST_F(Reload, a_changed_input_whose_records_nobody_answers_for_goes_on_as_it_was) {
  stage_.held = true;
  begin("input { feed { id => ii name => aa } } output { store { id => oo } }");
  ASSERT_TRUE(stage_.wait([&] { return pipeline_->open_batches() > 4; }));
  const auto refused =
      reload("input { feed { id => i2 name => aa } } output { store { id => oo } }");
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("ii"), std::string::npos);
  wait_for_more();
  stage_.release();
  ASSERT_TRUE(reload("input { feed { id => i2 name => aa } } output { store { id => oo } }").ok());
  wait_for_more();
  check_end();
}

TEST_F(Reload, an_abandoned_end_gives_back_what_was_not_answered_for) {
  stage_.held = true;
  begin("input { feed { id => ii name => aa } } output { store { id => o0 } }");
  ASSERT_TRUE(stage_.wait([&] { return pipeline_->open_batches() > 4; }));
  ASSERT_TRUE(reload("input { feed { id => ii name => aa } } output { store { id => o1 } }").ok());
  wait_for_more();
  pipeline_->stop_inputs();
  pipeline_->abandon();
  pipeline_->stop();
  std::lock_guard lock(stage_.mutex);
  EXPECT_GT(stage_.replayed, 0U);
  const Ledger::Line total = pipeline_->ledger().total();
  EXPECT_EQ(total.delivered, 0U);
  EXPECT_EQ(total.in_flight, static_cast<int64_t>(total.read));
}

}  // namespace
}  // namespace penstock
