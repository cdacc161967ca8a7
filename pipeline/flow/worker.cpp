#include "pipeline/flow/worker.h"

#include <fmt/format.h>
#include <pthread.h>

#include "pipeline/event/json_writer.h"

namespace penstock {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// How late a lane's own deadline (flush after 50 ms, say) may be noticed.
constexpr std::chrono::milliseconds kLaneTick{10};
// Filters with timers are promised a tick a second.
constexpr std::chrono::milliseconds kFilterTick{1000};

Value value_of(const OriginField& field) {
  if (field.is_integer) return Value::raw_number(field.text, false);
  return Value::string(field.text, is_json_clean(field.text) ? Value::kClean : 0);
}

}  // namespace

Worker::Worker(RingIntake& intake, OpenBatches& open, std::vector<WorkerInput> inputs,
               std::unique_ptr<Program> program, Options options)
    : intake_(intake),
      open_(open),
      inputs_(std::move(inputs)),
      program_(std::move(program)),
      options_(options),
      ticked_(options.clock->steady()) {}

Worker::~Worker() { CHECK(!thread_.joinable(), "a worker is joined before it goes"); }

void Worker::start(std::function<void()> ended) {
  thread_ = std::thread([this, ended = std::move(ended)] {
    pthread_setname_np(pthread_self(), fmt::format("worker-{}", options_.number).c_str());
    run();
    ended();
  });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::run() {
  settlement_ = open_.make();
  while (fill()) {
    if (loaded_) {
      program_->run(batch_, *settlement_);
      finish_batch();
    }
    tick(options_.clock->steady());
  }
  program_->finish_filters(batch_, *settlement_);
  finish_batch();
  program_->finish_lanes();
  settlement_->close();
  settlement_.reset();
}

// False when the intake is closed and empty, or others have taken over.
bool Worker::fill() {
  if (leaving_.load(std::memory_order_relaxed)) return false;
  // closed() is read first: what was offered before it is seen by the take.
  const bool closed = intake_.closed();
  std::unique_ptr<Parcel> parcel = try_take();
  if (!parcel && closed) return false;
  if (!parcel) parcel = intake_.take(idle_wait(), leaving_, [this] { return try_take(); });
  while (parcel) {
    decode(*parcel);
    if (batch_.size() >= options_.batch_size) break;
    parcel = try_take();
  }
  return true;
}

std::unique_ptr<Parcel> Worker::try_take() {
  std::unique_ptr<Parcel> parcel;
  taking_.store(true, std::memory_order_seq_cst);
  if (!leaving_.load(std::memory_order_seq_cst)) parcel = intake_.try_take();
  taking_.store(false, std::memory_order_release);
  return parcel;
}

void Worker::wait_off_ring() const {
  while (taking_.load(std::memory_order_seq_cst)) std::this_thread::yield();
}

EventCount::Timeout Worker::idle_wait() const {
  if (program_->lanes_pending()) return kLaneTick;
  if (program_->filters_want_ticks()) return kFilterTick;
  return {};
}

void Worker::decode(Parcel& parcel) {
  const std::shared_ptr<const Origin> origin = parcel.origin;
  CHECK(origin && origin->input < inputs_.size(), "a parcel names its input");
  WorkerInput& input = inputs_[origin->input];
  CHECK(input.decoder, "an input's parcels are decoded as long as there may be any");
  loaded_ = true;  // also when no record becomes an event: the token is to settle
  settlement_->add_token(std::move(parcel.token));
  batch_.begin(origin, std::move(parcel.records.slabs));
  const Row first = batch_.size();
  uint64_t empty = 0;
  uint64_t created = 0;
  for (uint64_t i = 0; i < parcel.records.views.size(); ++i) {
    const Row before = batch_.size();
    input.decoder->decode(parcel.records.views[i], batch_);
    const Row made = batch_.size() - before;
    if (parcel.numbering.field) [[unlikely]]
      number(before, *parcel.numbering.field, parcel.numbering.of(i));
    empty += made == 0;
    created += made > 1 ? made - 1 : 0;
  }
  input.decoding->in.add(parcel.records.bytes);
  input.decoding->out.add(batch_.size() - first);
  if (origin->ledger) {
    origin->ledger->created.add(created);
    origin->ledger->dropped[static_cast<size_t>(LedgerDrop::empty)].add(empty);
  }
  complete(input, *origin, first);
}

void Worker::number(Row from, const FieldRef& field, int64_t number) {
  for (Row row = from; row < batch_.size(); ++row)
    (void)batch_[row].set(field, Value::of_integer(number));
}

// Gives the new events what their stream and their input add.
void Worker::complete(WorkerInput& input, const Origin& origin, Row from) {
  origin_values_.clear();
  for (const OriginField& field : origin.fields) origin_values_.push_back(value_of(field));
  for (Row row = from; row < batch_.size(); ++row) {
    Event& event = batch_[row];
    for (size_t i = 0; i < origin_values_.size(); ++i)
      event.supply(origin.fields[i].field, origin_values_[i]);
    if (!input.common.empty()) input.common.apply(event);
  }
}

void Worker::finish_batch() {
  count_created();
  settlement_->count(batch_);
  settlement_->close();
  settlement_ = open_.make();
  batch_.reset();
  loaded_ = false;
  batches_.add();
}

// Rows that filters made of others count as created, in the ledger of the parent's source.
void Worker::count_created() {
  for (Row row = 0; row < batch_.size(); ++row) {
    const Event& event = batch_[row];
    if (batch_.created(row) && event.origin() && event.origin()->ledger)
      event.origin()->ledger->created.add();
  }
}

void Worker::tick(SteadyTime now) {
  if (now - ticked_ < kLaneTick) return;
  ticked_ = now;
  program_->tick_lanes(now);
  if (!program_->filters_want_ticks()) return;
  program_->tick(batch_, *settlement_, now);
  if (!batch_.empty()) finish_batch();
}

}  // namespace penstock
