#include "pipeline/flow/pipeline.h"

#include <algorithm>
#include <map>

#include "pipeline/base/log.h"

namespace penstock {
namespace {

constexpr double kNanosecond = 1e-9;

Error placed(Error error, const Where& where) {
  if (!error.where.known()) error.where = where;
  return error;
}

}  // namespace

PluginState::Sum PluginState::sum() const {
  Sum sum;
  for (const Counters& c : counters) {
    sum.in += c.in.value();
    sum.out += c.out.value();
    sum.nanoseconds += c.nanoseconds.value();
  }
  return sum;
}

// Makes all plugins; a failure is noted and the rest is made all the same, so that a user sees all
// errors at once.
struct Pipeline::Build {
  Pipeline& pipeline;
  const Plan& plan;
  Errors& errors;
  std::map<const void*, PluginState*> states = {};  // by Planned
  std::map<const void*, Output*> outputs = {};      // by Planned
  uint32_t worker = 0;

  template <class P>
  Context context(const Planned<P>& planned, PluginState& state) {
    Context out = context_of(pipeline.context_, planned);
    out.worker = worker;
    out.metrics = &pipeline.metrics_.plugin(pipeline.options_.id, state.kind, state.name, state.id);
    return out;
  }

  template <class P>
  PluginState& state(const Planned<P>& planned, const char* kind) {
    PluginState*& known = states[&planned];
    if (!known) {
      known = &pipeline.plugins_.emplace_back();
      known->kind = kind;
      known->name = planned.plugin->info.name;
      known->id = planned.id;
      known->counters.resize(pipeline.options_.workers);
    }
    return *known;
  }

  // value, or the error noted.
  template <class T>
  std::optional<T> note(Result<T> made, const Where& where) {
    if (made.ok()) return std::move(made).value();
    // Every worker would repeat it.
    if (worker == 0) errors.push_back(placed(made.error(), where));
    return std::nullopt;
  }

  void make_outputs(const PlanBlock<OutputPlugin>& block) {
    for (const auto& step : block) {
      if (step.branch) {
        for (const auto& arm : step.branch->arms) make_outputs(arm.block);
        continue;
      }
      const auto& planned = *step.plugin;
      const Context mine = context(planned, state(planned, "output"));
      if (auto made = note(planned.plugin->make(planned.settings, mine), planned.where)) {
        outputs[&planned] = made->get();
        pipeline.outputs_.push_back(std::move(*made));
      }
    }
  }

  void make_inputs() {
    for (const auto& planned : plan.inputs) {
      const Context mine = context(planned, state(planned, "input"));
      if (auto made = note(planned.plugin->make(planned.settings, mine), planned.where))
        pipeline.inputs_.push_back(std::move(*made));
    }
  }

  std::optional<Program::Step> make_step(const Planned<FilterPlugin>& planned) {
    PluginState& mine = state(planned, "filter");
    Program::FilterStep step;
    step.counters = &mine.counters[worker];
    auto common = note(CommonOptions::of_filter(planned.settings), planned.where);
    auto filter =
        note(planned.plugin->make(planned.settings, context(planned, mine)), planned.where);
    if (!common || !filter) return std::nullopt;
    step.common = std::move(*common);
    step.filter = std::move(*filter);
    return Program::Step{std::move(step)};
  }

  std::optional<Program::Step> make_step(const Planned<OutputPlugin>& planned) {
    const auto output = outputs.find(&planned);
    if (output == outputs.end()) return std::nullopt;  // its error is noted
    PluginState& mine = state(planned, "output");
    Program::OutputStep step;
    step.counters = &mine.counters[worker];
    auto lane = note(output->second->open_lane(context(planned, mine)), planned.where);
    if (!lane) return std::nullopt;
    step.lane = std::move(*lane);
    return Program::Step{std::move(step)};
  }

  template <class P>
  Program::Block make_block(const PlanBlock<P>& block) {
    Program::Block out;
    for (const auto& step : block) {
      if (step.branch)
        out.push_back(make_branch(*step.branch));
      else if (auto made = make_step(*step.plugin))
        out.push_back(std::move(*made));
    }
    return out;
  }

  template <class P>
  Program::Step make_branch(const PlanBranch<P>& branch) {
    Program::BranchStep out;
    for (const auto& arm : branch.arms) {
      Program::Arm made;
      if (arm.condition) {
        auto condition = note(Condition::compile(*arm.condition), branch.where);
        if (condition) made.condition.emplace(std::move(*condition));
      }
      made.block = make_block(arm.block);
      out.arms.push_back(std::move(made));
    }
    return Program::Step{std::move(out)};
  }

  std::vector<WorkerInput> make_worker_inputs() {
    std::vector<WorkerInput> out;
    for (const auto& planned : plan.inputs) {
      WorkerInput input;
      PluginState& mine = state(planned, "input");
      input.decoding = &mine.counters[worker];
      auto common = note(CommonOptions::of_input(planned.settings), planned.where);
      if (common) input.common = std::move(*common);
      const CodecPlugin* codec = planned.codec.plugin;
      if (codec && codec->make_decoder) {
        auto decoder = note(codec->make_decoder(planned.codec.settings, context(planned, mine)),
                            planned.where);
        if (decoder) input.decoder = std::move(*decoder);
      } else {
        errors.push_back(planned.settings.error("codec", "this codec can't read"));
      }
      out.push_back(std::move(input));
    }
    return out;
  }

  void make_worker() {
    Program::Options options{pipeline.options_.clock, &pipeline.condition_failures_};
    auto filters = make_block(plan.filters);
    auto program = std::make_unique<Program>(std::move(filters), make_block(plan.outputs), options);
    pipeline.workers_.push_back(std::make_unique<Worker>(
        pipeline.intake_, pipeline.open_, make_worker_inputs(), std::move(program),
        Worker::Options{worker, pipeline.options_.batch_size, pipeline.options_.clock}));
  }
};

Pipeline::Pipeline(PipelineOptions options, const Registry& registry, MetricsRegistry& metrics,
                   DeadLetters& dead_letters)
    : options_(std::move(options)), metrics_(metrics) {
  context_.pipeline_id = options_.id;
  context_.workers = options_.workers;
  context_.path_data = options_.path_data;
  context_.host_name = options_.host_name;
  context_.clock = options_.clock;
  context_.registry = &registry;
  context_.resources = &resources_;
  context_.ledger = &ledger_;
  context_.dead_letters = &dead_letters;
}

std::unique_ptr<Pipeline> Pipeline::make(const Plan& plan, PipelineOptions options,
                                         const Registry& registry, MetricsRegistry& metrics,
                                         DeadLetters& dead_letters, Errors& errors) {
  std::unique_ptr<Pipeline> pipeline(
      new Pipeline(std::move(options), registry, metrics, dead_letters));
  const size_t before = errors.size();
  Build build{*pipeline, plan, errors};
  build.make_inputs();
  build.make_outputs(plan.outputs);
  // The first worker is made whatever happened, for the errors of its filters.
  do build.make_worker();
  while (++build.worker < pipeline->options_.workers && errors.size() == before);
  if (errors.size() != before) return nullptr;
  pipeline->register_metrics();
  return pipeline;
}

Pipeline::~Pipeline() {
  if (started() && !workers_.empty()) {
    stop_inputs();
    abandon();
    stop();
  }
  metrics_.forget(options_.id);
}

Status Pipeline::start(std::function<void()> changed) {
  changed_ = std::move(changed);
  began_ = options_.clock->steady();
  // Only while draining: otherwise it would wake the main thread after every batch.
  open_.on_none([this] {
    if (stopping_.load(std::memory_order_seq_cst)) changed_();
  });
  for (auto& output : outputs_) TRY_STATUS(output->start());
  inputs_running_ = static_cast<uint32_t>(inputs_.size());
  workers_running_ = static_cast<uint32_t>(workers_.size());
  intake_.on_finished([this](Input&) {
    inputs_running_.fetch_sub(1, std::memory_order_release);
    changed_();
  });
  started_.store(true, std::memory_order_release);
  for (auto& worker : workers_)
    worker->start([this] {
      workers_running_.fetch_sub(1, std::memory_order_release);
      changed_();
    });
  for (uint32_t i = 0; i < inputs_.size(); ++i) TRY_STATUS(inputs_[i]->start(intake_, i));
  return ok_status();
}

void Pipeline::stop_inputs() {
  stopping_.store(true, std::memory_order_seq_cst);
  for (auto& input : inputs_) input->stop();
  intake_.close();
}

bool Pipeline::drained() const {
  return workers_running_.load(std::memory_order_acquire) == 0 && open_.count() == 0;
}

void Pipeline::abandon() {
  intake_.abandon();
  for (auto& output : outputs_) output->stop(std::chrono::milliseconds(0));
}

void Pipeline::stop() {
  for (auto& worker : workers_) worker->join();
  for (auto& output : outputs_) output->stop(std::chrono::milliseconds(0));
  intake_.clear();  // what is left settles as replay, while its inputs still live
  for (auto& input : inputs_) input->checkpoint();
  started_.store(false, std::memory_order_release);
}

PluginState::Sum Pipeline::filtering() const {
  PluginState::Sum sum;
  for (const auto& worker : workers_) {
    const StepCounters& mine = worker->program().filtering;
    sum.in += mine.in.value();
    sum.out += mine.out.value();
    sum.nanoseconds += mine.nanoseconds.value();
  }
  return sum;
}

PluginState::Sum Pipeline::sending() const {
  PluginState::Sum sum;
  for (const auto& worker : workers_) {
    const StepCounters& mine = worker->program().sending;
    sum.in += mine.in.value();
    sum.out += mine.out.value();
    sum.nanoseconds += mine.nanoseconds.value();
  }
  return sum;
}

Pipeline::Progress Pipeline::progress() const {
  Progress out;
  bool known = true;
  for (const auto& input : inputs_) {
    const auto total = input->bytes_total();
    known = known && total;
    out.total += total.value_or(0);
    out.done += input->bytes_done();
  }
  if (!known) out.total = 0;
  return out;
}

void Pipeline::register_metrics() {
  const std::string& id = options_.id;
  const auto counter = [&](const char* name, const char* help, Labels labels,
                           std::function<double()> read) {
    metrics_.computed_counter(id, name, help, std::move(labels), std::move(read));
  };
  const auto number = [](auto value) { return static_cast<double>(value); };
  counter("events_in_total", "Events that entered the filters.", {},
          [this, number] { return number(filtering().in); });
  counter("events_filtered_total", "Events that left the filters for the outputs.", {},
          [this, number] { return number(filtering().out); });
  counter("events_out_total", "Events that came to the outputs.", {},
          [this, number] { return number(sending().out); });
  counter("filter_seconds_total", "Time workers spent in filters.", {},
          [this, number] { return number(filtering().nanoseconds) * kNanosecond; });
  counter("output_seconds_total", "Time workers spent handing events to outputs.", {},
          [this, number] { return number(sending().nanoseconds) * kNanosecond; });
  for (const PluginState& state : plugins_) {
    const Labels labels = {{"kind", state.kind}, {"plugin", state.name}, {"id", state.id}};
    const bool input = state.kind == "input";
    counter(input ? "plugin_bytes_in_total" : "plugin_events_in_total",
            input ? "Bytes of the records that an input brought." : "Events that entered a plugin.",
            labels, [&state, number] { return number(state.sum().in); });
    counter("plugin_events_out_total", "Events that left a plugin.", labels,
            [&state, number] { return number(state.sum().out); });
    if (!input)
      counter("plugin_seconds_total", "Time workers spent in a plugin.", labels,
              [&state, number] { return number(state.sum().nanoseconds) * kNanosecond; });
  }
  MetricScope& engine = metrics_.engine(id);
  engine.gauge("ring_parcels", "Parcels that wait for a worker.", {},
               [this, number] { return number(intake_.queued()); });
  engine.gauge("ring_bytes", "Bytes that wait for a worker.", {},
               [this, number] { return number(intake_.queued_bytes()); });
  engine.counter("ring_refusals", "Parcels refused because the ring was full (backpressure).", {},
                 intake_.refusals());
  engine.gauge("open_batches", "Batches that wait for an output's answer.", {},
               [this, number] { return number(open_.count()); });
  engine.counter("condition_failures", "Events whose condition could not be evaluated.", {},
                 condition_failures_);
}

}  // namespace penstock
