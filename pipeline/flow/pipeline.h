// Pipeline: a plan brought to life. Makes and owns the outputs, the inputs, the ring and the
// workers; starts them from the end to the beginning and stops them from the beginning to the end.
//
//   make()   every plugin is made; all errors are reported
//   start()  outputs, workers, inputs
//   ...      runs; finished() once every input has ended by itself
//   drain    stop_inputs(), then drained() becomes true; or abandon() when patience ends
//   stop()   outputs are let go, positions written down
//
// Main thread, except where a function says so.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/flow/open_batches.h"
#include "pipeline/flow/plan.h"
#include "pipeline/flow/worker.h"
#include "pipeline/metrics/registry.h"

namespace penstock {

struct PipelineOptions {
  std::string id = "main";
  uint32_t workers = 1;
  uint32_t batch_size = 125;
  std::string path_data = "data";
  std::string host_name;
  const Clock* clock = &Clock::system();
};

// What the API and the summary tell of one plugin. Counters are one per worker.
struct PluginState {
  struct alignas(kCacheLine) Counters : StepCounters {};
  std::string kind;  // "input", "codec", "filter", "output"
  std::string name;
  std::string id;
  std::deque<Counters> counters;

  struct Sum {
    uint64_t in = 0, out = 0, nanoseconds = 0;
  };
  Sum sum() const;
};

class Pipeline {
 public:
  // Everything that is wrong goes to `errors`; nullptr then. No side effects outside.
  static std::unique_ptr<Pipeline> make(const Plan& plan, PipelineOptions options,
                                        const Registry& registry, MetricsRegistry& metrics,
                                        DeadLetters& dead_letters, Errors& errors);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // `changed` is called on any thread when finished() or drained() may have become true.
  Status start(std::function<void()> changed);
  bool finished() const { return inputs_running_.load(std::memory_order_acquire) == 0; }
  // No input reads any more; what was read goes on through the workers and outputs.
  void stop_inputs();
  // After stop_inputs(): everything read was answered for (delivered, dead-lettered, dropped, or
  // given back as replay).
  bool drained() const;
  // Patience is over: what is still in the ring or unanswered will be read again some day.
  void abandon();
  // REQUIRES: drained() or abandon(). Joins and lets go of everything, writes positions.
  void stop();

  // Any thread, from make() to destruction.
  const PipelineOptions& options() const { return options_; }
  const Ledger& ledger() const { return ledger_; }
  const RingIntake& intake() const { return intake_; }
  const std::deque<PluginState>& plugins() const { return plugins_; }
  // Events that entered the filters, left them, and nanoseconds there; summed over workers.
  PluginState::Sum filtering() const;
  // Events that came to the outputs, and nanoseconds there.
  PluginState::Sum sending() const;
  uint64_t open_batches() const { return open_.count(); }
  bool started() const { return started_.load(std::memory_order_acquire); }
  std::chrono::steady_clock::time_point began() const { return began_; }
  // Bytes of inputs that end, read so far and in all; 0 in all when any input has no known end.
  struct Progress {
    uint64_t done = 0, total = 0;
  };
  Progress progress() const;

 private:
  Pipeline(PipelineOptions options, const Registry& registry, MetricsRegistry& metrics,
           DeadLetters& dead_letters);
  struct Build;  // what make() needs on its way

  void register_metrics();

  PipelineOptions options_;
  MetricsRegistry& metrics_;
  Context context_;  // what all plugins share
  SharedResources resources_;
  Ledger ledger_;
  RingIntake intake_;
  OpenBatches open_;
  Counter condition_failures_;
  std::deque<PluginState> plugins_;
  std::vector<std::unique_ptr<Output>> outputs_;
  std::vector<std::unique_ptr<Input>> inputs_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<uint32_t> inputs_running_{0};
  std::atomic<uint32_t> workers_running_{0};
  std::atomic<bool> started_{false};
  // seq_cst, as is the count of open batches: either drained() sees the last one end, or that one
  // sees that somebody waits for it.
  std::atomic<bool> stopping_{false};
  std::chrono::steady_clock::time_point began_;
  std::function<void()> changed_;
};

}  // namespace penstock
