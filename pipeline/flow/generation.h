// Generation: the half of a pipeline that a reload replaces: outputs' lanes, filters, decoders and
// the workers that run them. The other half, which stays, is in Pipeline: inputs, ring, ledger. An
// output whose configuration is unchanged is shared by a generation and the next.
//
// Made and ended by Pipeline on the main thread; counters are read on any.
#pragma once

#include <atomic>
#include <deque>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/flow/open_batches.h"
#include "pipeline/flow/worker.h"
#include "pipeline/metrics/registry.h"

namespace penstock {

// What the API and the summary tell of one plugin. Counters are one per worker.
struct PluginState {
  struct alignas(kCacheLine) Counters : StepCounters {};
  std::string kind;  // "input", "codec", "filter", "output"
  std::string name;
  std::string id;
  std::deque<Counters> counters;

  struct Sum {
    uint64_t in = 0, out = 0, nanoseconds = 0;
    Sum& operator+=(const Sum& more);
  };
  Sum sum() const;
};

// An output and who it is. Let go by the last generation that has it.
class SharedOutput {
 public:
  SharedOutput(std::string identity, MetricsRegistry& metrics)
      : identity_(std::move(identity)), metrics_(metrics) {}
  ~SharedOutput();
  SharedOutput(const SharedOutput&) = delete;
  SharedOutput& operator=(const SharedOutput&) = delete;

  void own(std::unique_ptr<Output> output) { output_ = std::move(output); }
  const std::string& identity() const { return identity_; }
  Output& operator*() { return *output_; }
  Status start();  // the first time only
  void stop();     // unanswered deliveries are replayed

 private:
  std::string identity_;
  MetricsRegistry& metrics_;
  std::unique_ptr<Output> output_;
  bool started_ = false;
};

class Generation {
 public:
  Generation(MetricsRegistry& metrics, RingIntake& intake) : metrics_(metrics), intake_(intake) {}
  ~Generation();
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  // Any thread, once it is made.
  const std::deque<PluginState>& plugins() const { return plugins_; }
  uint32_t workers() const { return static_cast<uint32_t>(workers_.size()); }
  uint32_t batch_size() const { return batch_size_; }
  PluginState::Sum filtering() const;
  PluginState::Sum sending() const;
  uint64_t open_batches() const { return open_.count(); }

  Status start_outputs();
  // `changed` comes on any thread when over() may have become true.
  void start_workers(const std::function<void()>& changed);
  // The workers finish their batches, leave the ring to others, and end. On return none takes a
  // parcel any more.
  void leave();
  // The workers are to end by themselves, the intake being closed: from now on `changed` comes.
  void expect_end() { ending_->store(true, std::memory_order_seq_cst); }
  // Waits for the workers' end, at most so long.
  bool left(std::chrono::milliseconds patience) const;
  // The workers have ended, and every batch was answered for.
  bool over() const { return running_.load(std::memory_order_acquire) == 0 && open_.count() == 0; }
  void stop_outputs();
  void join();

 private:
  friend class GenerationBuilder;

  MetricsRegistry& metrics_;
  RingIntake& intake_;
  uint32_t batch_size_ = 0;
  SharedResources resources_;
  OpenBatches open_;
  std::deque<PluginState> plugins_;
  std::deque<PluginState> unlisted_;  // of inputs that left, whose parcels may still come
  std::vector<std::shared_ptr<SharedOutput>> outputs_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<uint32_t> running_{0};
  // Outlives the generation in the hands of who answers for its last batch.
  std::shared_ptr<std::atomic<bool>> ending_ = std::make_shared<std::atomic<bool>>(false);
  std::promise<void> all_left_;
  std::future<void> left_ = all_left_.get_future();
};

}  // namespace penstock
