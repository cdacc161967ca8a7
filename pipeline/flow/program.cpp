#include "pipeline/flow/program.h"

#include <algorithm>

namespace penstock {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// One pair of clock reads per step and batch: about 50 ns for a few hundred events.
class Stopwatch {
 public:
  explicit Stopwatch(Counter& nanoseconds) : nanoseconds_(nanoseconds) {}
  ~Stopwatch() {
    const auto took = std::chrono::steady_clock::now() - began_;
    nanoseconds_.add(
        static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(took).count()));
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  Counter& nanoseconds_;
  SteadyTime began_ = std::chrono::steady_clock::now();
};

void remove_dropped(const Batch& batch, std::vector<Row>& rows) {
  std::erase_if(rows, [&](Row row) { return !batch[row].alive(); });
}

void append_alive(const Batch& batch, Row from, std::vector<Row>& rows) {
  for (Row row = from; row < batch.size(); ++row)
    if (batch[row].alive()) rows.push_back(row);
}

}  // namespace

Program::Program(Block filters, Block outputs, Options options)
    : filters_(std::move(filters)), outputs_(std::move(outputs)), options_(options) {
  index(filters_);
  index(outputs_);
  for (const Step& step : outputs_)
    all_routed_ = all_routed_ || std::holds_alternative<OutputStep>(step.what);
}

void Program::index(Block& block) {
  for (Step& step : block) {
    if (auto* filter = std::get_if<FilterStep>(&step.what)) {
      wants_ticks_ = wants_ticks_ || filter->filter->wants_tick();
    } else if (auto* output = std::get_if<OutputStep>(&step.what)) {
      lanes_.push_back(output->lane.get());
    } else {
      for (Arm& arm : std::get<BranchStep>(step.what).arms) index(arm.block);
    }
  }
}

void Program::run(Batch& batch, Settlement& settlement) {
  rows_.clear();
  order_.clear();
  append_alive(batch, 0, rows_);
  {
    const Stopwatch watch(filtering.nanoseconds);
    filtering.in.add(rows_.size());
    run_block(filters_, batch, rows_);
    filtering.out.add(rows_.size());
  }
  send(batch, rows_, settlement);
}

void Program::send(Batch& batch, std::vector<Row>& rows, Settlement& settlement) {
  const Stopwatch watch(sending.nanoseconds);
  sending.in.add(rows.size());
  sending.out.add(rows.size());
  settlement_ = &settlement;
  if (all_routed_) {
    run_block(outputs_, batch, rows);
  } else {
    sent_ = rows;
    routed_.assign(batch.size(), 0);
    run_block(outputs_, batch, rows);
    drop_unrouted(batch);
  }
  settlement_ = nullptr;
}

void Program::drop_unrouted(Batch& batch) {
  for (const Row row : sent_)
    if (!routed_[row]) batch.drop(row, DropReason::unrouted);
}

void Program::run_block(Block& block, Batch& batch, std::vector<Row>& rows) {
  for (Step& step : block) {
    if (rows.empty()) return;
    if (auto* filter = std::get_if<FilterStep>(&step.what))
      run_filter(*filter, batch, rows);
    else if (auto* branch = std::get_if<BranchStep>(&step.what))
      run_branch(*branch, batch, rows);
    else
      run_output(std::get<OutputStep>(step.what), batch, rows);
  }
}

// Rows that a filter has just appended join `rows`.
void Program::admit(Batch& batch, Row first, std::vector<Row>& rows) {
  const Instant now = options_.clock->now();
  for (Row row = first; row < batch.size(); ++row) batch[row].complete(now);
  order_.place(batch, first);
  new_.clear();
  append_alive(batch, first, new_);
  order_.sort(new_);
  order_.merge(rows, new_, merged_);
}

void Program::run_filter(FilterStep& step, Batch& batch, std::vector<Row>& rows) {
  const Stopwatch watch(step.counters->nanoseconds);
  step.counters->in.add(rows.size());
  const Row before = batch.size();
  const uint32_t drops = batch.drops();
  matched_.clear();
  if (options_.observer) [[unlikely]]
    options_.observer->before_filter(step.source, batch, rows);
  step.filter->apply(batch, rows, matched_);
  if (!step.common.empty())
    for (const Row row : matched_) step.common.apply(batch[row]);
  if (batch.drops() != drops) remove_dropped(batch, rows);
  if (batch.size() != before) admit(batch, before, rows);
  step.counters->out.add(rows.size());
  if (options_.observer) [[unlikely]]
    options_.observer->after_filter(step.source, batch, rows);
}

// Moves the rows for which the arm's condition holds from `rest` to arm.rows.
void Program::take(Arm& arm, Batch& batch, std::vector<Row>& rest) {
  arm.rows.clear();
  if (!arm.condition) {
    arm.rows.swap(rest);
    return;
  }
  size_t kept = 0;
  for (const Row row : rest) {
    const Truth truth = arm.condition->evaluate(batch[row]);
    if (truth == Truth::yes) {
      arm.rows.push_back(row);
      continue;
    }
    rest[kept++] = row;
    if (truth == Truth::failed) mark_failed(batch[row]);
  }
  rest.resize(kept);
}

// Counts events, not conditions: one that fails several is tagged once.
void Program::mark_failed(Event& event) {
  if (event.has_tag(kConditionFailureTag)) return;
  event.tag(kConditionFailureTag);
  if (options_.condition_failures) options_.condition_failures->add(1);
}

void Program::run_branch(BranchStep& step, Batch& batch, std::vector<Row>& rows) {
  step.rest.swap(rows);
  rows.clear();
  for (Arm& arm : step.arms) {
    if (step.rest.empty()) break;
    take(arm, batch, step.rest);
    if (options_.observer) [[unlikely]]
      options_.observer->took_arm(arm.source, batch, arm.rows, step.rest);
    run_block(arm.block, batch, arm.rows);
    order_.merge(rows, arm.rows, step.merged);
  }
  order_.merge(rows, step.rest, step.merged);
}

void Program::run_output(OutputStep& step, Batch& batch, std::vector<Row>& rows) {
  const Stopwatch watch(step.counters->nanoseconds);
  step.counters->in.add(rows.size());
  if (!all_routed_)
    for (const Row row : rows) routed_[row] = 1;
  step.lane->write(batch, rows, settlement_->share());
  step.counters->out.add(rows.size());
}

// Lets the filters of `block` give what they hold; `rows` is what reaches the block's end. True
// when there was anything.
bool Program::emit_held(Block& block, Batch& batch, Emit emit, SteadyTime now,
                        std::vector<Row>& rows) {
  for (Step& step : block) {
    if (auto* filter = std::get_if<FilterStep>(&step.what)) {
      if (!rows.empty()) run_filter(*filter, batch, rows);
      const Row before = batch.size();
      emit(*filter->filter, batch, now);
      if (batch.size() != before) admit(batch, before, rows);
      if (!filter->common.empty() && filter->filter->held_get_common_options())
        for (Row row = before; row < batch.size(); ++row) filter->common.apply(batch[row]);
      filter->counters->out.add(batch.size() - before);
    } else if (auto* branch = std::get_if<BranchStep>(&step.what)) {
      // Rows from before the branch go through it first; then what its filters hold themselves.
      if (!rows.empty()) run_branch(*branch, batch, rows);
      for (Arm& arm : branch->arms) {
        std::vector<Row> held;
        emit_held(arm.block, batch, emit, now, held);
        order_.merge(rows, held, branch->merged);
      }
    }
  }
  return !rows.empty();
}

void Program::emit_all(Batch& batch, Settlement& settlement, Emit emit, SteadyTime now) {
  rows_.clear();
  order_.clear();
  if (emit_held(filters_, batch, emit, now, rows_)) {
    filtering.out.add(rows_.size());
    send(batch, rows_, settlement);
  }
}

void Program::tick(Batch& batch, Settlement& settlement, SteadyTime now) {
  if (wants_ticks_)
    emit_all(
        batch, settlement,
        [](Filter& filter, Batch& out, SteadyTime at) {
          if (filter.wants_tick()) filter.tick(out, at);
        },
        now);
}

void Program::finish_filters(Batch& batch, Settlement& settlement) {
  emit_all(batch, settlement, [](Filter& filter, Batch& out, SteadyTime) { filter.finish(out); },
           {});
}

void Program::tick_lanes(SteadyTime now) {
  for (Lane* lane : lanes_)
    if (lane->pending()) lane->tick(now);
}

void Program::finish_lanes() {
  for (Lane* lane : lanes_) lane->finish();
}

bool Program::lanes_pending() const {
  return std::any_of(lanes_.begin(), lanes_.end(),
                     [](const Lane* lane) { return lane->pending(); });
}

}  // namespace penstock
