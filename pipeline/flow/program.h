// Program: the compiled plan of one worker. A tree of steps: filters, branches and outputs. A batch
// goes through as a selection of row numbers in the order of events; nothing is moved:
//
//   filter   apply() to the selection; common options on the rows it matched; dropped rows leave,
//            rows it appended join behind the event they were made of, or at the end, and go on
//            with the next step
//   branch   each arm takes the rows for which its condition holds, in the order written; what the
//            arms give back and what no arm took is merged, so order is kept
//   output   the selection is handed to the worker's lane with a share of the settlement
//
// A condition that can't be evaluated for an event ("abc" < 5) doesn't hold: the event is tagged
// and goes on with the next arm. An event that reaches no output counts as unrouted.
//
// Worker thread. Scratch selections are members, so a batch costs no allocation once warm.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "pipeline/flow/common_options.h"
#include "pipeline/flow/condition.h"
#include "pipeline/flow/row_order.h"
#include "pipeline/metrics/counter.h"
#include "pipeline/plugin/filter.h"
#include "pipeline/plugin/output.h"

namespace penstock {

// The tag of an event for which a condition couldn't be evaluated. The name is ours: Logstash 9 has
// none, it takes the event out of the pipeline.
inline constexpr std::string_view kConditionFailureTag = "_conditionfailure";

// What one instance of a plugin did; one writer, so the additions never contend.
struct StepCounters {
  Counter in;
  Counter out;
  Counter nanoseconds;
};

// Watches a program at work, for `penstock explain`. `source` is the step's place in the plan.
// Worker thread.
class ProgramObserver {
 public:
  virtual ~ProgramObserver() = default;
  virtual void before_filter(const void* source, const Batch& batch, Rows rows) = 0;
  virtual void after_filter(const void* source, const Batch& batch, Rows rows) = 0;
  virtual void took_arm(const void* source, const Batch& batch, Rows taken, Rows rest) = 0;
};

class Program {
 public:
  struct Step;
  using Block = std::vector<Step>;

  struct FilterStep {
    std::unique_ptr<Filter> filter;
    CommonOptions common;
    StepCounters* counters = nullptr;
    const void* source = nullptr;  // for an observer: its place in the plan
  };
  struct OutputStep {
    std::unique_ptr<Lane> lane;
    StepCounters* counters = nullptr;
  };
  struct Arm {
    std::optional<Condition> condition;  // empty: else
    Block block;
    std::vector<Row> rows;         // scratch
    const void* source = nullptr;  // for an observer
  };
  struct BranchStep {
    std::vector<Arm> arms;
    std::vector<Row> rest, merged;  // scratch
  };
  struct Step {
    std::variant<FilterStep, BranchStep, OutputStep> what;
  };

  struct Options {
    const Clock* clock = &Clock::system();
    Counter* condition_failures = nullptr;
    ProgramObserver* observer = nullptr;
  };

  Program(Block filters, Block outputs, Options options);

  // Every alive row through filters and outputs; the deliveries are opened on `settlement`.
  void run(Batch& batch, Settlement& settlement);

  // Filters that want ticks, then lanes. `batch` is empty before; events that filters let go are
  // run through what follows them.
  void tick(Batch& batch, Settlement& settlement, std::chrono::steady_clock::time_point now);
  // The same for the end: what filters still hold.
  void finish_filters(Batch& batch, Settlement& settlement);
  void tick_lanes(std::chrono::steady_clock::time_point now);
  void finish_lanes();

  bool filters_want_ticks() const { return wants_ticks_; }
  bool lanes_pending() const;

  // Events that entered and left the filters, and those that came to the outputs; with their time.
  StepCounters filtering;
  StepCounters sending;

 private:
  using Emit = void (*)(Filter& filter, Batch& batch, std::chrono::steady_clock::time_point now);

  void index(Block& block);
  void run_block(Block& block, Batch& batch, std::vector<Row>& rows);
  void admit(Batch& batch, Row first, std::vector<Row>& rows);
  void run_filter(FilterStep& step, Batch& batch, std::vector<Row>& rows);
  void run_branch(BranchStep& step, Batch& batch, std::vector<Row>& rows);
  void run_output(OutputStep& step, Batch& batch, std::vector<Row>& rows);
  void take(Arm& arm, Batch& batch, std::vector<Row>& rest);
  void mark_failed(Event& event);
  void send(Batch& batch, std::vector<Row>& rows, Settlement& settlement);
  void drop_unrouted(Batch& batch);
  bool emit_held(Block& block, Batch& batch, Emit emit, std::chrono::steady_clock::time_point now,
                 std::vector<Row>& rows);
  void emit_all(Batch& batch, Settlement& settlement, Emit emit,
                std::chrono::steady_clock::time_point now);

  Block filters_;
  Block outputs_;
  Options options_;
  std::vector<Lane*> lanes_;
  bool wants_ticks_ = false;
  bool all_routed_ = false;  // an output stands outside of any branch

  // Of the batch at hand.
  Settlement* settlement_ = nullptr;
  RowOrder order_;
  std::vector<Row> rows_, sent_, matched_, new_, merged_;
  std::vector<uint8_t> routed_;  // by row
};

}  // namespace penstock
