// Supervisor: runs pipelines from start to end on the main thread, and answers signals. Each
// pipeline has its own ring, workers and queues; they start in their order and end together, when
// the inputs of all have ended.
//
//   inputs end by themselves     drain as long as it takes, exit 0
//   first SIGTERM or SIGINT      inputs stop; what was read is finished within the grace period
//   grace over, second signal    outputs let go; what was acknowledged stays so, the rest is read
//                                again after the next start
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "pipeline/flow/pipeline.h"
#include "pipeline/flow/signals.h"

namespace penstock {

class Supervisor {
 public:
  struct Options {
    std::chrono::milliseconds grace{30'000};
    // Called every `interval` while the pipeline runs, when set.
    std::function<void()> every;
    std::chrono::milliseconds interval{500};
    std::function<void()> ready;  // everything has started
  };

  Supervisor(std::vector<Pipeline*> pipelines, SignalWaiter& signals, Options options)
      : pipelines_(std::move(pipelines)), signals_(signals), options_(std::move(options)) {}

  // An error: it could not start. True: everything read was answered for.
  Result<bool> run();

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  void run_until_ended();
  bool drain();
  bool finished() const;
  bool drained() const;
  uint64_t open_batches() const;
  int wait(std::optional<SteadyTime> until);

  std::vector<Pipeline*> pipelines_;
  SignalWaiter& signals_;
  Options options_;
  bool interrupted_ = false;
};

}  // namespace penstock
