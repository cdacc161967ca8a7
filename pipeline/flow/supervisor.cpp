#include "pipeline/flow/supervisor.h"

#include <algorithm>
#include <csignal>

#include "pipeline/base/log.h"

namespace penstock {

Result<bool> Supervisor::run() {
  for (Pipeline* pipeline : pipelines_)
    if (Status started = pipeline->start([this] { signals_.wake(); }); !started.ok())
      return started.error();
  if (options_.ready) options_.ready();
  run_until_ended();
  for (Pipeline* pipeline : pipelines_) pipeline->stop_inputs();
  const bool drained = drain();
  for (Pipeline* pipeline : pipelines_) pipeline->stop();
  if (options_.every) options_.every();
  return drained;
}

bool Supervisor::finished() const {
  return std::all_of(pipelines_.begin(), pipelines_.end(),
                     [](const Pipeline* pipeline) { return pipeline->finished(); });
}

bool Supervisor::drained() const {
  return std::all_of(pipelines_.begin(), pipelines_.end(),
                     [](const Pipeline* pipeline) { return pipeline->drained(); });
}

uint64_t Supervisor::open_batches() const {
  uint64_t sum = 0;
  for (const Pipeline* pipeline : pipelines_) sum += pipeline->open_batches();
  return sum;
}

void Supervisor::run_until_ended() {
  while (!finished()) {
    const int signal = wait({});
    if (signal == SIGHUP) log::info("pipeline", "SIGHUP: reloading is not supported yet");
    if (signal != SIGTERM && signal != SIGINT) continue;
    interrupted_ = true;
    log::info("pipeline", "{}: finishing what was read, at most {} ms; once more ends at once",
              signal == SIGTERM ? "SIGTERM" : "SIGINT", options_.grace.count());
    return;
  }
}

// False when patience ended first.
bool Supervisor::drain() {
  std::optional<SteadyTime> deadline;
  if (interrupted_) deadline = std::chrono::steady_clock::now() + options_.grace;
  while (!drained()) {
    const int signal = wait(deadline);
    const bool asked = signal == SIGTERM || signal == SIGINT;
    if (asked && !interrupted_) {
      interrupted_ = true;  // the inputs had ended by themselves: this is the first
      deadline = std::chrono::steady_clock::now() + options_.grace;
      continue;
    }
    if (asked || (deadline && std::chrono::steady_clock::now() >= *deadline)) {
      log::warn("pipeline", "ending with {} batches unanswered: they will be read again",
                open_batches());
      for (Pipeline* pipeline : pipelines_) pipeline->abandon();
      return false;
    }
  }
  return true;
}

// A signal's number, or 0 when something changed or it is time to look.
int Supervisor::wait(std::optional<SteadyTime> until) {
  using std::chrono::milliseconds;
  std::optional<milliseconds> timeout;
  if (until)
    timeout = std::max(milliseconds(0),
                       std::chrono::ceil<milliseconds>(*until - std::chrono::steady_clock::now()));
  if (options_.every) {
    options_.every();
    timeout = std::min(timeout.value_or(options_.interval), options_.interval);
  }
  return signals_.wait(timeout);
}

}  // namespace penstock
