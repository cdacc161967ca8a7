// Supervisor: runs pipelines from start to end on the main thread, and answers signals. Each
// pipeline has its own ring, workers and queues. One whose inputs have ended is drained and stopped
// while the others go on; one that others send to ends after those, so that nothing is sent to
// somebody who has left.
//
//   inputs end by themselves     drain as long as it takes, exit 0
//   SIGHUP                       Options::hang_up
//   first SIGTERM or SIGINT      inputs stop; what was read is finished within the grace period
//   grace over, second signal    outputs let go; what was acknowledged stays so, the rest is read
//                                again after the next start
//
// Pipelines may come and go while it runs (a reload): add(), retire(), from Options' functions.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/flow/pipeline.h"
#include "pipeline/flow/signals.h"
#include "pipeline/flow/topology.h"

namespace penstock {

// The pipelines that there are now, for other threads.
class PipelineList {
 public:
  using Pipelines = std::vector<std::shared_ptr<Pipeline>>;
  Pipelines get() const {
    std::lock_guard lock(mutex_);
    return pipelines_;
  }
  void set(Pipelines pipelines) {
    std::lock_guard lock(mutex_);
    pipelines_.swap(pipelines);
  }

 private:
  mutable std::mutex mutex_;
  Pipelines pipelines_;
};

class Supervisor {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Options {
    std::chrono::milliseconds grace{30'000};
    // Called every `interval` while the pipelines run, when set.
    std::function<void()> every;
    std::chrono::milliseconds interval{500};
    std::function<void()> ready;    // everything has started
    std::function<void()> hang_up;  // SIGHUP
    // Called after each signal and wake-up, until a signal ends it all: when it wants to be called
    // at the latest.
    std::function<std::optional<SteadyTime>()> turn;
  };

  Supervisor(PipelineList& list, SignalWaiter& signals, Options options);

  // Runs what was added until it has ended. An error: nothing could be started. True: everything
  // read was answered for.
  Result<bool> run();

  // Before run(), or on the main thread while it runs; then the pipeline starts at once.
  Status add(std::shared_ptr<Pipeline> pipeline);
  // It reads no more, is drained, and goes.
  void retire(const std::string& id);
  // Who sends to whom, from now on.
  void set_topology(Topology topology);
  enum class State : uint8_t { none, running, draining, stopped };
  State state(const std::string& id) const;
  Pipeline* find(const std::string& id) const;
  // One that has stopped makes room for a new one of its name.
  void forget_stopped(const std::string& id);

 private:
  struct Unit {
    std::shared_ptr<Pipeline> pipeline;
    State state = State::running;
    bool retired = false;
    const std::string& id() const { return pipeline->options().id; }
  };

  Status start();
  bool advance();
  bool ended(const Unit& unit) const;
  void interrupt(int signal);
  void abandon();
  void publish();
  uint64_t open_batches() const;
  int wait();

  PipelineList& list_;
  SignalWaiter& signals_;
  Options options_;
  Topology topology_;
  std::vector<Unit> units_;  // senders before those they send to
  bool running_ = false;
  std::optional<SteadyTime> deadline_;  // set: interrupted
  std::optional<SteadyTime> next_turn_;
};

}  // namespace penstock
