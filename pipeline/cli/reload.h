// Reloader: takes up a changed configuration while the pipelines run. Asked by SIGHUP, by the API,
// or by itself when a file has changed (config.reload.automatic). Pipelines are looked at one by
// one: one that is wrong stays as it runs and says why, the others go on to their new form.
//
// Main thread, but request() and the reading of states: any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/cli/load.h"
#include "pipeline/flow/supervisor.h"

namespace penstock {

// How the reloads of one pipeline went; of all, under the name "".
struct ReloadState {
  uint64_t successes = 0, failures = 0;
  std::optional<Instant> last_success, last_failure;
  std::string last_error;  // of the last failure
  bool last_was_good = true;
  double last_held_up_s = 0;  // how long no worker took from the ring
};

class Reloader {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  Reloader(const CommandLine& line, const RunSettings& settings, const Registry& registry,
           MetricsRegistry& metrics, std::shared_ptr<const PipelineBus> bus, SignalWaiter& signals);

  // What runs now, before the first turn().
  void begin(Loaded loaded, Supervisor& supervisor);
  // Any thread: reload soon. `reason` is for the log.
  void request(const std::string& reason);
  // Reloads when asked, or when a file has changed; when to look again.
  std::optional<SteadyTime> turn();

  // Any thread.
  ReloadState state(const std::string& pipeline) const;

 private:
  // What a reload is about to do, and what came of it.
  struct Round {
    std::vector<std::string> changed, added, removed;
    Errors errors;
    double held_up_s = 0;
  };

  void reload(const std::string& reason);
  bool read_again(Loaded& next, Errors& errors);
  void sort_out(Loaded& next, Round& round);
  void keep_running(Loaded& next);
  void remove_gone(Loaded& next, Round& round);
  void change(LoadedPipeline& next, Round& round);
  void add(LoadedPipeline& next, Round& round);
  void note(const std::string& pipeline, const Errors& errors, double held_up_s);
  void tell(const std::string& reason, const Round& round,
            std::chrono::steady_clock::duration took);
  std::string stamps() const;

  const CommandLine line_;
  const RunSettings settings_;  // of the process, as at the start
  const Registry& registry_;
  MetricsRegistry& metrics_;
  std::shared_ptr<const PipelineBus> bus_;
  SignalWaiter& signals_;
  Supervisor* supervisor_ = nullptr;
  Loaded running_;
  std::string stamps_;
  std::optional<SteadyTime> look_at_;

  mutable std::mutex mutex_;  // what follows
  std::optional<std::string> requested_;
  std::map<std::string, ReloadState> states_;
};

}  // namespace penstock
