// GenerationBuilder: makes every plugin of a plan but the inputs. A failure is noted and the rest
// is made all the same, so that a user sees all errors at once. Nothing is started. Main thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "pipeline/flow/generation.h"
#include "pipeline/flow/plan.h"
#include "pipeline/flow/stand_ins.h"
#include "pipeline/plugin/pipeline_bus.h"

namespace penstock {

// A slot's records and what decodes them.
struct DecoderWish {
  uint32_t slot = 0;                              // Origin::input
  const Planned<InputPlugin>* planned = nullptr;  // outlives the builder
  bool listed = true;                             // false: the input has left
};

class GenerationBuilder {
 public:
  struct Options {
    uint32_t workers = 1;
    uint32_t batch_size = 125;
    const Clock* clock = &Clock::system();
    Counter* condition_failures = nullptr;
    std::shared_ptr<const PipelineBus> bus;
    StandIns* stand_ins = nullptr;
  };

  // `base`: the context that all plugins share. `running`: the generation whose unchanged outputs
  // are to be taken over, or null.
  GenerationBuilder(const Plan& plan, const Context& base, MetricsRegistry& metrics,
                    RingIntake& intake, Options options, const Generation* running, Errors& errors);

  // Null when errors were added.
  std::shared_ptr<Generation> build(const std::vector<DecoderWish>& decoders);

 private:
  template <class P>
  Context context(const Planned<P>& planned, const char* kind, const void* owner);
  template <class P>
  PluginState& state(const Planned<P>& planned, const char* kind, bool listed = true);
  template <class T>
  std::optional<T> note(Result<T> made, const Where& where);

  void make_outputs(const PlanBlock<OutputPlugin>& block);
  std::shared_ptr<SharedOutput> running_output(const std::string& identity) const;
  std::optional<Program::Step> make_step(const Planned<FilterPlugin>& planned);
  std::optional<Program::Step> make_step(const Planned<OutputPlugin>& planned);
  template <class P>
  Program::Block make_block(const PlanBlock<P>& block);
  template <class P>
  Program::Step make_branch(const PlanBranch<P>& branch);
  std::optional<std::unique_ptr<Decoder>> make_decoder(const Planned<InputPlugin>& planned);
  std::vector<WorkerInput> make_decoders(const std::vector<DecoderWish>& wishes);
  void make_worker(const std::vector<DecoderWish>& decoders);
  void register_metrics();

  const Plan& plan_;
  Context base_;
  MetricsRegistry& metrics_;
  RingIntake& intake_;
  Options options_;
  const Generation* running_;
  Errors& errors_;
  std::shared_ptr<Generation> made_;
  std::map<const void*, PluginState*> states_;  // by Planned
  std::map<const void*, SharedOutput*> outputs_;
  uint32_t worker_ = 0;
};

}  // namespace penstock
