// Supervisor: runs a pipeline from start to end on the main thread, and answers signals.
//
//   inputs end by themselves     drain as long as it takes, exit 0
//   first SIGTERM or SIGINT      inputs stop; what was read is finished within the grace period
//   grace over, second signal    outputs let go; what was acknowledged stays so, the rest is read
//                                again after the next start
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "pipeline/flow/pipeline.h"
#include "pipeline/flow/signals.h"

namespace penstock {

class Supervisor {
 public:
  struct Options {
    std::chrono::milliseconds grace{30'000};
    // Called every `interval` while the pipeline runs, when set.
    std::function<void(const Pipeline&)> every;
    std::chrono::milliseconds interval{500};
    std::function<void()> ready;  // everything has started
  };

  Supervisor(Pipeline& pipeline, SignalWaiter& signals, Options options)
      : pipeline_(pipeline), signals_(signals), options_(std::move(options)) {}

  // An error: it could not start. True: everything read was answered for.
  Result<bool> run();

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  void run_until_ended();
  bool drain();
  int wait(std::optional<SteadyTime> until);

  Pipeline& pipeline_;
  SignalWaiter& signals_;
  Options options_;
  bool interrupted_ = false;
};

}  // namespace penstock
