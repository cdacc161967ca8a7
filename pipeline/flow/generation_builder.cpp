#include "pipeline/flow/generation_builder.h"

#include <algorithm>

#include "pipeline/flow/watched_files.h"

namespace penstock {
namespace {

constexpr double kNanosecond = 1e-9;

Error placed(Error error, const Where& where) {
  if (!error.where.known()) error.where = where;
  return error;
}

double number(uint64_t value) { return static_cast<double>(value); }

}  // namespace

GenerationBuilder::GenerationBuilder(const Plan& plan, const Context& base,
                                     MetricsRegistry& metrics, RingIntake& intake, Options options,
                                     const Generation* running, Errors& errors)
    : plan_(plan),
      base_(base),
      metrics_(metrics),
      intake_(intake),
      options_(std::move(options)),
      running_(running),
      errors_(errors),
      made_(std::make_shared<Generation>(metrics, intake)) {
  made_->batch_size_ = options_.batch_size;
  PipelineBus::give(options_.bus, made_->resources_);
  base_.resources = &made_->resources_;
  base_.workers = options_.workers;
}

template <class P>
Context GenerationBuilder::context(const Planned<P>& planned, const char* kind, const void* owner) {
  Context out = context_of(base_, planned);
  out.worker = worker_;
  out.metrics = &metrics_.plugin(base_.pipeline_id, kind, std::string(planned.plugin->info.name),
                                 planned.id, owner);
  return out;
}

template <class P>
PluginState& GenerationBuilder::state(const Planned<P>& planned, const char* kind, bool listed) {
  PluginState*& known = states_[&planned];
  if (!known) {
    known = &(listed ? made_->plugins_ : made_->unlisted_).emplace_back();
    known->kind = kind;
    known->name = planned.plugin->info.name;
    known->id = planned.id;
    known->counters.resize(options_.workers);
  }
  return *known;
}

// value, or the error noted.
template <class T>
std::optional<T> GenerationBuilder::note(Result<T> made, const Where& where) {
  if (made.ok()) return std::move(made).value();
  // Every worker would repeat it.
  if (worker_ == 0) errors_.push_back(placed(made.error(), where));
  return std::nullopt;
}

std::shared_ptr<SharedOutput> GenerationBuilder::running_output(const std::string& identity) const {
  if (!running_) return nullptr;
  for (const auto& output : running_->outputs_)
    if (output->identity() == identity) return output;
  return nullptr;
}

void GenerationBuilder::make_outputs(const PlanBlock<OutputPlugin>& block) {
  for (const auto& step : block) {
    if (step.branch) {
      for (const auto& arm : step.branch->arms) make_outputs(arm.block);
      continue;
    }
    const auto& planned = *step.plugin;
    state(planned, "output");
    const std::string identity = identity_of(planned);
    std::shared_ptr<SharedOutput> output = running_output(identity);
    if (!output) {
      output = std::make_shared<SharedOutput>(identity, metrics_);
      const Context mine = context(planned, "output", output.get());
      auto made = note(options_.stand_ins ? options_.stand_ins->make(planned, mine)
                                          : planned.plugin->make(planned.settings, mine),
                       planned.where);
      if (!made) continue;
      output->own(std::move(*made));
    }
    outputs_[&planned] = output.get();
    made_->outputs_.push_back(std::move(output));
  }
}

std::optional<Program::Step> GenerationBuilder::make_step(const Planned<FilterPlugin>& planned) {
  PluginState& mine = state(planned, "filter");
  Program::FilterStep step;
  step.counters = &mine.counters[worker_];
  step.source = &planned;
  auto common = note(CommonOptions::of_filter(planned.settings), planned.where);
  auto filter =
      note(planned.plugin->make(planned.settings, context(planned, "filter", made_.get())),
           planned.where);
  if (!common || !filter) return std::nullopt;
  step.common = std::move(*common);
  step.filter = std::move(*filter);
  return Program::Step{std::move(step)};
}

std::optional<Program::Step> GenerationBuilder::make_step(const Planned<OutputPlugin>& planned) {
  const auto output = outputs_.find(&planned);
  if (output == outputs_.end()) return std::nullopt;  // its error is noted
  PluginState& mine = state(planned, "output");
  Program::OutputStep step;
  step.counters = &mine.counters[worker_];
  auto lane =
      note((**output->second).open_lane(context(planned, "output", made_.get())), planned.where);
  if (!lane) return std::nullopt;
  step.lane = std::move(*lane);
  return Program::Step{std::move(step)};
}

template <class P>
Program::Block GenerationBuilder::make_block(const PlanBlock<P>& block) {
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
Program::Step GenerationBuilder::make_branch(const PlanBranch<P>& branch) {
  Program::BranchStep out;
  for (const auto& arm : branch.arms) {
    Program::Arm made;
    made.source = &arm;
    if (arm.condition) {
      auto condition = note(Condition::compile(*arm.condition), branch.where);
      if (condition) made.condition.emplace(std::move(*condition));
    }
    made.block = make_block(arm.block);
    out.arms.push_back(std::move(made));
  }
  return Program::Step{std::move(out)};
}

std::optional<std::unique_ptr<Decoder>> GenerationBuilder::make_decoder(
    const Planned<InputPlugin>& planned) {
  const Context mine = context(planned, "input", made_.get());
  if (planned.plugin->make_decoder)
    return note(planned.plugin->make_decoder(planned.settings, mine), planned.where);
  const CodecPlugin* codec = planned.codec.plugin;
  if (codec && codec->make_decoder)
    return note(codec->make_decoder(planned.codec.settings, planned.codec.context(mine)),
                planned.where);
  errors_.push_back(planned.settings.error("codec", "this codec can't read"));
  return std::nullopt;
}

std::vector<WorkerInput> GenerationBuilder::make_decoders(const std::vector<DecoderWish>& wishes) {
  std::vector<WorkerInput> out;
  for (const DecoderWish& wish : wishes) {
    if (out.size() <= wish.slot) out.resize(wish.slot + 1);
    WorkerInput& input = out[wish.slot];
    input.decoding = &state(*wish.planned, "input", wish.listed).counters[worker_];
    auto common = note(CommonOptions::of_input(wish.planned->settings), wish.planned->where);
    if (common) input.common = std::move(*common);
    if (auto decoder = make_decoder(*wish.planned)) input.decoder = std::move(*decoder);
  }
  return out;
}

void GenerationBuilder::make_worker(const std::vector<DecoderWish>& decoders) {
  Program::Options options{options_.clock, options_.condition_failures, nullptr};
  if (options_.stand_ins) options.observer = options_.stand_ins->observer();
  auto inputs = make_decoders(decoders);
  auto filters = make_block(plan_.filters);
  auto program = std::make_unique<Program>(std::move(filters), make_block(plan_.outputs), options);
  made_->workers_.push_back(
      std::make_unique<Worker>(intake_, made_->open_, std::move(inputs), std::move(program),
                               Worker::Options{worker_, options_.batch_size, options_.clock}));
}

std::shared_ptr<Generation> GenerationBuilder::build(const std::vector<DecoderWish>& decoders) {
  const size_t before = errors_.size();
  for (const DecoderWish& wish : decoders) state(*wish.planned, "input", wish.listed);
  make_outputs(plan_.outputs);
  // The first worker is made whatever happened, for the errors of its filters.
  do make_worker(decoders);
  while (++worker_ < options_.workers && errors_.size() == before);
  if (errors_.size() != before) return nullptr;
  register_metrics();
  return made_;
}

void GenerationBuilder::register_metrics() {
  const auto counter = [&](const char* name, const char* help, const Labels& labels,
                           std::function<double()> read) {
    metrics_.computed_counter(base_.pipeline_id, name, help, labels, std::move(read), made_.get());
  };
  for (const PluginState& state : made_->plugins_) {
    const Labels labels = {{"kind", state.kind}, {"plugin", state.name}, {"id", state.id}};
    const bool input = state.kind == "input";
    counter(input ? "plugin_bytes_in_total" : "plugin_events_in_total",
            input ? "Bytes of the records that an input brought." : "Events that entered a plugin.",
            labels, [&state] { return number(state.sum().in); });
    counter("plugin_events_out_total", "Events that left a plugin.", labels,
            [&state] { return number(state.sum().out); });
    if (!input)
      counter("plugin_seconds_total", "Time workers spent in a plugin.", labels,
              [&state] { return number(state.sum().nanoseconds) * kNanosecond; });
  }
}

}  // namespace penstock
