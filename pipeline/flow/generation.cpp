#include "pipeline/flow/generation.h"

namespace penstock {

PluginState::Sum& PluginState::Sum::operator+=(const Sum& more) {
  in += more.in;
  out += more.out;
  nanoseconds += more.nanoseconds;
  return *this;
}

PluginState::Sum PluginState::sum() const {
  Sum sum;
  for (const Counters& c : counters) sum += {c.in.value(), c.out.value(), c.nanoseconds.value()};
  return sum;
}

// Its threads end, then nobody reads its counters, then it goes.
SharedOutput::~SharedOutput() {
  stop();
  metrics_.forget(this);
}

Status SharedOutput::start() {
  if (started_) return ok_status();
  started_ = true;
  return output_->start();
}

void SharedOutput::stop() {
  if (started_) output_->stop(std::chrono::milliseconds(0));
}

Generation::~Generation() {
  join();
  metrics_.forget(this);
}

Status Generation::start_outputs() {
  for (auto& output : outputs_) TRY_STATUS(output->start());
  return ok_status();
}

void Generation::start_workers(const std::function<void()>& changed) {
  // Only while ending: otherwise it would wake the main thread after every batch. seq_cst, as is
  // the count of open batches: either over() sees the last one end, or that one sees the flag.
  open_.on_none([ending = ending_, changed] {
    if (ending->load(std::memory_order_seq_cst)) changed();
  });
  running_ = workers();
  for (auto& worker : workers_)
    worker->start([this, changed] {
      // acq_rel: the last one out speaks for all
      if (running_.fetch_sub(1, std::memory_order_acq_rel) == 1) all_left_.set_value();
      changed();
    });
}

void Generation::leave() {
  expect_end();
  for (auto& worker : workers_) worker->leave();
  intake_.wake_workers();
  for (auto& worker : workers_) worker->wait_off_ring();
}

bool Generation::left(std::chrono::milliseconds patience) const {
  return left_.wait_for(patience) == std::future_status::ready;
}

void Generation::stop_outputs() {
  for (auto& output : outputs_) output->stop();
}

void Generation::join() {
  for (auto& worker : workers_) worker->join();
}

PluginState::Sum Generation::filtering() const {
  PluginState::Sum sum;
  for (const auto& worker : workers_) {
    const StepCounters& mine = worker->program().filtering;
    sum += {mine.in.value(), mine.out.value(), mine.nanoseconds.value()};
  }
  return sum;
}

PluginState::Sum Generation::sending() const {
  PluginState::Sum sum;
  for (const auto& worker : workers_) {
    const StepCounters& mine = worker->program().sending;
    sum += {mine.in.value(), mine.out.value(), mine.nanoseconds.value()};
  }
  return sum;
}

}  // namespace penstock
