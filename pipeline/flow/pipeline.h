// Pipeline: a plan brought to life. Owns the inputs, the ring and the ledger, which stay for as
// long as it lives, and the generation that runs the filters and outputs, which a reload replaces.
//
//   make()   every plugin is made; all errors are reported
//   start()  outputs, workers, inputs
//   ...      runs; finished() once every input that reads from outside has ended by itself
//   drain    stop_reading() at once, stop_inputs() when no other pipeline sends any more, then
//            drained() becomes true; or abandon() when patience ends
//   stop()   outputs are let go, positions written down
//
// Reload: prepare() makes what the new plan needs beside the running generation; swap() puts it in
// place (docs/ARCHITECTURE.md has the order); collect() clears away what has ended since.
//
// Main thread, except where a function says so.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pipeline/flow/generation_builder.h"
#include "pipeline/flow/input_gate.h"
#include "pipeline/flow/plan.h"
#include "pipeline/flow/stand_ins.h"
#include "pipeline/metrics/registry.h"
#include "pipeline/plugin/pipeline_bus.h"

namespace penstock {

struct PipelineOptions {
  std::string id = "main";
  uint32_t workers = 1;
  uint32_t batch_size = 125;
  std::string path_data = "data";
  std::string host_name;
  const Clock* clock = &Clock::system();
  std::shared_ptr<const PipelineBus> bus = std::make_shared<const PipelineBus>();
  StandIns* stand_ins = nullptr;
};

class Pipeline {
 public:
  // Generations that have been replaced and still wait for answers; more are not begun.
  static constexpr size_t kEndingMax = 4;

  // Everything that is wrong goes to `errors`; nullptr then. No side effects outside.
  static std::unique_ptr<Pipeline> make(const Plan& plan, PipelineOptions options,
                                        const Registry& registry, MetricsRegistry& metrics,
                                        DeadLetters& dead_letters, Errors& errors);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // `changed` is called on any thread when finished() or drained() may have become true, or there
  // is something to collect().
  Status start(std::function<void()> changed);
  bool finished() const;
  // Whether other pipelines may send it events: such an input never ends by itself.
  bool listens() const;
  // Nothing is read from outside any more; what other pipelines send still is.
  void stop_reading();
  // No input reads any more; what was read goes on through the workers and outputs.
  void stop_inputs();
  // After stop_inputs(): everything read was answered for (delivered, dead-lettered, dropped, or
  // given back as replay).
  bool drained() const;
  // Patience is over: what is still in the ring or unanswered will be read again some day.
  void abandon();
  // REQUIRES: drained() or abandon(). Joins and lets go of everything, writes positions.
  void stop();

  struct Next;
  // What is to replace the running generation, or null with errors. `options`: workers and batch
  // size count, the rest stays.
  std::unique_ptr<Next> prepare(const Plan& plan, const PipelineOptions& options, Errors& errors);
  struct Swapped {
    size_t kept = 0, stopped = 0, started = 0;  // inputs
    std::chrono::microseconds held_up{0};       // from the old workers' end to the new ones' start
  };
  // REQUIRES: started, not being stopped. An error: everything is as it was.
  Result<Swapped> swap(std::unique_ptr<Next> next);
  void collect();

  // Any thread, from make() to destruction.
  const PipelineOptions& options() const { return options_; }  // as at the start
  const Ledger& ledger() const { return ledger_; }
  const RingIntake& intake() const { return intake_; }
  std::shared_ptr<const Generation> generation() const;
  // Events that entered the filters, left them, and nanoseconds there; since the start.
  PluginState::Sum filtering() const;
  // Events that came to the outputs, and nanoseconds there.
  PluginState::Sum sending() const;
  uint64_t open_batches() const;
  bool started() const { return started_.load(std::memory_order_acquire); }
  std::chrono::steady_clock::time_point began() const { return began_; }

  // Bytes of inputs that end, read so far and in all; 0 in all when any input has no known end.
  struct Progress {
    uint64_t done = 0, total = 0;
  };
  Progress progress() const;

 private:
  // An input and its place: the number that its parcels carry.
  struct Slot {
    uint32_t number = 0;
    Planned<InputPlugin> planned;
    std::string identity;
    std::unique_ptr<InputGate> gate;
    std::unique_ptr<Input> input;

    bool listens() const { return planned.plugin->listens_on != nullptr; }
  };
  using Slots = std::vector<std::unique_ptr<Slot>>;

  Pipeline(PipelineOptions options, const Registry& registry, MetricsRegistry& metrics,
           DeadLetters& dead_letters);
  std::unique_ptr<Slot> make_slot(const Planned<InputPlugin>& planned, Errors& errors);
  Status remake(Slot& slot);
  void drop(Slot& slot);
  std::shared_ptr<Generation> build(const Plan& plan, const PipelineOptions& options,
                                    const std::vector<DecoderWish>& decoders, Errors& errors);
  Status start_input(Slot& slot);
  Status exchange_inputs(Next& next);
  Status settle_positions(Slots& leaving);
  void put_back(Slots& leaving, Slots& fresh);
  void register_metrics();

  const PipelineOptions options_;
  MetricsRegistry& metrics_;
  Context context_;  // what all plugins share
  SharedResources input_resources_;
  Ledger ledger_;
  RingIntake intake_;
  Counter condition_failures_;
  Slots live_;
  Slots retired_;  // stopped, and not yet answered for
  uint32_t next_slot_ = 0;

  mutable std::mutex mutex_;  // the three below, for other threads' reading
  std::shared_ptr<Generation> current_;
  std::vector<std::shared_ptr<Generation>> ending_;
  PluginState::Sum filtered_before_, sent_before_;  // by generations that are gone

  std::atomic<bool> started_{false};
  std::chrono::steady_clock::time_point began_;
  std::function<void()> changed_ = [] {};
};

struct Pipeline::Next {
  std::shared_ptr<Generation> generation;
  Slots kept, fresh, leaving;  // kept and leaving: moved out of live_ by swap()
  std::vector<uint32_t> kept_numbers;
};

}  // namespace penstock
