#include "pipeline/flow/pipeline.h"

#include <algorithm>

#include "pipeline/base/log.h"
#include "pipeline/flow/watched_files.h"

namespace penstock {

Pipeline::Pipeline(PipelineOptions options, const Registry& registry, MetricsRegistry& metrics,
                   DeadLetters& dead_letters)
    : options_(std::move(options)), metrics_(metrics) {
  PipelineBus::give(options_.bus, input_resources_);
  context_.pipeline_id = options_.id;
  context_.workers = options_.workers;
  context_.path_data = options_.path_data;
  context_.host_name = options_.host_name;
  context_.clock = options_.clock;
  context_.registry = &registry;
  context_.resources = &input_resources_;
  context_.ledger = &ledger_;
  context_.dead_letters = &dead_letters;
}

std::unique_ptr<Pipeline> Pipeline::make(const Plan& plan, PipelineOptions options,
                                         const Registry& registry, MetricsRegistry& metrics,
                                         DeadLetters& dead_letters, Errors& errors) {
  std::unique_ptr<Pipeline> pipeline(
      new Pipeline(std::move(options), registry, metrics, dead_letters));
  const size_t before = errors.size();
  std::vector<DecoderWish> decoders;
  for (const auto& planned : plan.inputs) {
    auto slot = pipeline->make_slot(planned, errors);
    decoders.push_back({slot->number, &planned});
    pipeline->live_.push_back(std::move(slot));
  }
  pipeline->current_ = pipeline->build(plan, pipeline->options_, decoders, errors);
  if (errors.size() != before) return nullptr;
  pipeline->register_metrics();
  return pipeline;
}

Pipeline::~Pipeline() {
  if (started()) {
    stop_inputs();
    abandon();
    stop();
  }
  metrics_.forget(this);
  for (Slots* slots : {&live_, &retired_})
    for (auto& slot : *slots) drop(*slot);
}

// A slot whose input could not be made is an error, and holds none.
std::unique_ptr<Pipeline::Slot> Pipeline::make_slot(const Planned<InputPlugin>& planned,
                                                    Errors& errors) {
  auto slot = std::make_unique<Slot>();
  slot->number = next_slot_++;
  slot->planned = planned;
  slot->identity = identity_of(planned);
  if (Status made = remake(*slot); !made.ok()) {
    Error error = made.error();
    if (!error.where.known()) error.where = planned.where;
    errors.push_back(std::move(error));
  }
  return slot;
}

Status Pipeline::remake(Slot& slot) {
  const Planned<InputPlugin>& planned = slot.planned;
  Context context = context_of(context_, planned);
  context.metrics = &metrics_.plugin(options_.id, "input", std::string(planned.plugin->info.name),
                                     planned.id, &slot);
  slot.gate = std::make_unique<InputGate>(intake_, [this] { changed_(); });
  StandIns* const stand_ins = options_.stand_ins;
  TRY(slot.input, stand_ins ? stand_ins->make(planned, context)
                            : planned.plugin->make(planned.settings, context));
  return ok_status();
}

// REQUIRES: the input was stopped, or never started. Nobody reads its counters when it goes.
void Pipeline::drop(Slot& slot) {
  if (!slot.input) return;
  intake_.forget(*slot.input);
  metrics_.forget(&slot);
  slot.input.reset();
}

std::shared_ptr<Generation> Pipeline::build(const Plan& plan, const PipelineOptions& options,
                                            const std::vector<DecoderWish>& decoders,
                                            Errors& errors) {
  GenerationBuilder::Options own{options.workers,      options.batch_size, options_.clock,
                                 &condition_failures_, options_.bus,       options_.stand_ins};
  return GenerationBuilder(plan, context_, metrics_, intake_, own, current_.get(), errors)
      .build(decoders);
}

Status Pipeline::start(std::function<void()> changed) {
  changed_ = std::move(changed);
  began_ = options_.clock->steady();
  intake_.on_finished([](Input&) {});
  TRY_STATUS(current_->start_outputs());
  started_.store(true, std::memory_order_release);
  current_->start_workers(changed_);
  for (auto& slot : live_) {
    TRY_STATUS(start_input(*slot));
    slot->gate->open(*slot->input);
  }
  return ok_status();
}

Status Pipeline::start_input(Slot& slot) { return slot.input->start(*slot.gate, slot.number); }

bool Pipeline::finished() const {
  return std::all_of(live_.begin(), live_.end(),
                     [](const auto& slot) { return slot->listens() || slot->gate->ended(); });
}

bool Pipeline::listens() const {
  return std::any_of(live_.begin(), live_.end(), [](const auto& slot) { return slot->listens(); });
}

void Pipeline::stop_reading() {
  for (auto& slot : live_)
    if (!slot->listens()) slot->input->stop();
}

void Pipeline::stop_inputs() {
  current_->expect_end();
  for (auto& slot : live_) slot->input->stop();
  intake_.close();
}

bool Pipeline::drained() const {
  return current_->over() && std::all_of(ending_.begin(), ending_.end(),
                                         [](const auto& generation) { return generation->over(); });
}

void Pipeline::abandon() {
  intake_.abandon();
  current_->stop_outputs();
  for (auto& generation : ending_) generation->stop_outputs();
}

void Pipeline::stop() {
  current_->join();
  for (auto& generation : ending_) generation->join();
  current_->stop_outputs();
  for (auto& generation : ending_) generation->stop_outputs();
  intake_.clear();  // what is left settles as replay, while its inputs still live
  for (const Slots* slots : {&live_, &retired_})
    for (const auto& slot : *slots)
      if (slot->input) slot->input->checkpoint();
  started_.store(false, std::memory_order_release);
}

std::shared_ptr<const Generation> Pipeline::generation() const {
  std::lock_guard lock(mutex_);
  return current_;
}

PluginState::Sum Pipeline::filtering() const {
  std::lock_guard lock(mutex_);
  PluginState::Sum sum = filtered_before_;
  sum += current_->filtering();
  for (const auto& generation : ending_) sum += generation->filtering();
  return sum;
}

PluginState::Sum Pipeline::sending() const {
  std::lock_guard lock(mutex_);
  PluginState::Sum sum = sent_before_;
  sum += current_->sending();
  for (const auto& generation : ending_) sum += generation->sending();
  return sum;
}

uint64_t Pipeline::open_batches() const {
  std::lock_guard lock(mutex_);
  uint64_t sum = current_->open_batches();
  for (const auto& generation : ending_) sum += generation->open_batches();
  return sum;
}

Pipeline::Progress Pipeline::progress() const {
  Progress out;
  bool known = true;
  for (const auto& slot : live_) {
    const auto total = slot->input->bytes_total();
    known = known && total;
    out.total += total.value_or(0);
    out.done += slot->input->bytes_done();
  }
  if (!known) out.total = 0;
  return out;
}

void Pipeline::register_metrics() {
  constexpr double kNanosecond = 1e-9;
  const std::string& id = options_.id;
  const auto counter = [&](const char* name, const char* help, std::function<double()> read) {
    metrics_.computed_counter(id, name, help, {}, std::move(read), this);
  };
  const auto number = [](auto value) { return static_cast<double>(value); };
  counter("events_in_total", "Events that entered the filters.",
          [this, number] { return number(filtering().in); });
  counter("events_filtered_total", "Events that left the filters for the outputs.",
          [this, number] { return number(filtering().out); });
  counter("events_out_total", "Events that came to the outputs.",
          [this, number] { return number(sending().out); });
  counter("filter_seconds_total", "Time workers spent in filters.",
          [this, number] { return number(filtering().nanoseconds) * kNanosecond; });
  counter("output_seconds_total", "Time workers spent handing events to outputs.",
          [this, number] { return number(sending().nanoseconds) * kNanosecond; });
  MetricScope& engine = metrics_.engine(id, this);
  engine.gauge("ring_parcels", "Parcels that wait for a worker.", {},
               [this, number] { return number(intake_.queued()); });
  engine.gauge("ring_bytes", "Bytes that wait for a worker.", {},
               [this, number] { return number(intake_.queued_bytes()); });
  engine.counter("ring_refusals", "Parcels refused because the ring was full (backpressure).", {},
                 intake_.refusals());
  engine.gauge("open_batches", "Batches that wait for an output's answer.", {},
               [this, number] { return number(open_batches()); });
  engine.counter("condition_failures", "Events whose condition could not be evaluated.", {},
                 condition_failures_);
}

}  // namespace penstock
