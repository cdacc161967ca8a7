#include "pipeline/cli/reload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "pipeline/base/log.h"
#include "pipeline/config/keystore.h"
#include "pipeline/config/source.h"
#include "pipeline/flow/watched_files.h"

namespace penstock {
namespace {

using std::chrono::milliseconds;

double seconds_of(std::chrono::steady_clock::duration span) {
  return std::chrono::duration<double>(span).count();
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Reloader::Reloader(const CommandLine& line, const RunSettings& settings, const Registry& registry,
                   MetricsRegistry& metrics, std::shared_ptr<const PipelineBus> bus,
                   SignalWaiter& signals)
    : line_(line),
      settings_(settings),
      registry_(registry),
      metrics_(metrics),
      bus_(std::move(bus)),
      signals_(signals) {
  const auto all = [this] { return state(""); };
  const auto count = [&](const char* result, bool good) {
    metrics_.computed_counter("", "config_reloads_total", "Reloads of the configuration.",
                              {{"result", result}}, [all, good] {
                                const ReloadState now = all();
                                return static_cast<double>(good ? now.successes : now.failures);
                              });
  };
  count("success", true);
  count("failure", false);
  MetricScope& scope = metrics_.engine("");
  scope.gauge("config_last_reload_successful", "Whether the last reload was without errors.", {},
              [all] { return all().last_was_good ? 1.0 : 0.0; });
  scope.gauge("config_last_reload_held_up_seconds",
              "How long the workers stood still in the last reload.", {},
              [all] { return all().last_held_up_s; });
}

void Reloader::begin(Loaded loaded, Supervisor& supervisor) {
  running_ = std::move(loaded);
  supervisor_ = &supervisor;
  stamps_ = stamps();
}

void Reloader::request(const std::string& reason) {
  {
    std::lock_guard lock(mutex_);
    requested_ = reason;
  }
  signals_.wake();
}

std::optional<Reloader::SteadyTime> Reloader::turn() {
  std::optional<std::string> requested;
  {
    std::lock_guard lock(mutex_);
    requested.swap(requested_);
  }
  if (requested) reload(*requested);
  if (!settings_.reload_automatic) return std::nullopt;
  const auto now = std::chrono::steady_clock::now();
  if (look_at_ && now >= *look_at_ && stamps() != stamps_) reload("a file has changed");
  if (!look_at_ || now >= *look_at_)
    look_at_ = now + milliseconds(std::max<int64_t>(settings_.reload_interval_ms, 100));
  return look_at_;
}

ReloadState Reloader::state(const std::string& pipeline) const {
  std::lock_guard lock(mutex_);
  const auto found = states_.find(pipeline);
  return found == states_.end() ? ReloadState() : found->second;
}

// All files that have a say, as they are now.
std::string Reloader::stamps() const {
  std::set<std::string> files;
  const std::string folder = line_.path_settings.value_or("");
  if (!folder.empty())
    for (const std::string_view name :
         {std::string_view("pipelines.yml"), std::string_view(Keystore::kFile)})
      files.insert(folder + "/" + std::string(name));
  for (const LoadedPipeline& loaded : running_.pipelines) {
    files.insert(loaded.files.begin(), loaded.files.end());
    if (loaded.settings.path_config.empty()) continue;
    for (std::string& file : config_files(loaded.settings.path_config))
      files.insert(std::move(file));
  }
  std::string out;
  for (const std::string& file : files) out += file + ' ' + file_stamp(file) + '\n';
  return out;
}

void Reloader::reload(const std::string& reason) {
  const auto began = std::chrono::steady_clock::now();
  log::info("reload", "{}: looking at the configuration", reason);
  Round round;
  Loaded next;
  if (read_again(next, round.errors)) {
    sort_out(next, round);
    for (const Topology::Finding& warning : next.warnings)
      log::warn("config", "{}", warning.error.text());
    remove_gone(next, round);
    for (LoadedPipeline& pipeline : next.pipelines)
      if (holds(round.changed, pipeline.id())) change(pipeline, round);
    for (LoadedPipeline& pipeline : next.pipelines)
      if (holds(round.added, pipeline.id())) add(pipeline, round);
    keep_running(next);
    supervisor_->set_topology(running_.topology());
  }
  stamps_ = stamps();
  note("", round.errors, round.held_up_s);
  tell(reason, round, std::chrono::steady_clock::now() - began);
}

// False: pipelines.yml or the settings are wrong as a whole.
bool Reloader::read_again(Loaded& next, Errors& errors) {
  if (!settings_.replay_inputs.empty()) {
    errors.push_back({Errc::refused, "a replay of dead letters can't be reloaded", {}});
    return false;
  }
  RunSettings settings = resolve_settings(line_, errors);
  if (!errors.empty()) return false;
  settings.scrub = settings_.scrub;
  for (RunSettings& pipeline : settings.pipelines) pipeline.scrub = settings_.scrub;
  next = load_pipelines(settings, registry_);
  return true;
}

// What is new, changed, gone; what is wrong stays as it runs.
void Reloader::sort_out(Loaded& next, Round& round) {
  for (LoadedPipeline& pipeline : next.pipelines) {
    const LoadedPipeline* runs = running_.find(pipeline.id());
    const auto state = supervisor_->state(pipeline.id());
    const bool same = runs && runs->fingerprint == pipeline.fingerprint;
    if (pipeline.errors.empty() && same && state != Supervisor::State::none) continue;
    if (!pipeline.errors.empty()) try_out(pipeline, registry_);
    if (runs && !same && !runs->settings.reloadable)
      pipeline.errors.push_back({Errc::refused,
                                 "pipeline " + pipeline.id() +
                                     ": pipeline.reloadable is false, so its change waits for a "
                                     "restart",
                                 {}});
    if (state == Supervisor::State::draining)
      pipeline.errors.push_back(
          {Errc::refused, "pipeline " + pipeline.id() + " is ending: reload again later", {}});
    if (!pipeline.errors.empty()) {
      note(pipeline.id(), pipeline.errors, 0);
      round.errors.insert(round.errors.end(), pipeline.errors.begin(), pipeline.errors.end());
      continue;
    }
    if (state == Supervisor::State::running)
      round.changed.push_back(pipeline.id());
    else
      round.added.push_back(pipeline.id());
  }
}

void Reloader::remove_gone(Loaded& next, Round& round) {
  for (const LoadedPipeline& pipeline : running_.pipelines) {
    if (next.find(pipeline.id())) continue;
    supervisor_->retire(pipeline.id());
    round.removed.push_back(pipeline.id());
  }
}

void Reloader::change(LoadedPipeline& next, Round& round) {
  Pipeline* pipeline = supervisor_->find(next.id());
  if (next.plan.inputs.empty())
    next.errors.push_back({Errc::bad_config, "pipeline " + next.id() + " has no input", {}});
  double held_up_s = 0;
  if (next.errors.empty()) {
    auto made = pipeline->prepare(next.plan, pipeline_options(next.settings, bus_), next.errors);
    if (made && next.errors.empty()) {
      const auto swapped = pipeline->swap(std::move(made));
      if (swapped.ok()) {
        held_up_s = seconds_of(swapped.value().held_up);
        log::info("reload", "{}: inputs kept {}, stopped {}, started {}; held up {} us", next.id(),
                  swapped.value().kept, swapped.value().stopped, swapped.value().started,
                  swapped.value().held_up.count());
      } else {
        next.errors.push_back(swapped.error());
      }
    }
  }
  note(next.id(), next.errors, held_up_s);
  round.held_up_s = std::max(round.held_up_s, held_up_s);
  round.errors.insert(round.errors.end(), next.errors.begin(), next.errors.end());
}

void Reloader::add(LoadedPipeline& next, Round& round) {
  supervisor_->forget_stopped(next.id());
  if (next.plan.inputs.empty())
    next.errors.push_back({Errc::bad_config, "pipeline " + next.id() + " has no input", {}});
  if (next.errors.empty()) {
    auto made = make_pipeline(next, registry_, metrics_, bus_, false);
    if (made)
      if (const Status added = supervisor_->add(std::move(made)); !added.ok())
        next.errors.push_back(added.error());
  }
  note(next.id(), next.errors, 0);
  round.errors.insert(round.errors.end(), next.errors.begin(), next.errors.end());
}

// What runs from now on: the new form of what is right, the old one of what is wrong.
void Reloader::keep_running(Loaded& next) {
  for (LoadedPipeline& pipeline : next.pipelines) {
    LoadedPipeline* old = running_.find(pipeline.id());
    if (pipeline.errors.empty() || !old) continue;
    // Its files are watched all the same: a change may mend it.
    old->files.insert(old->files.end(), pipeline.files.begin(), pipeline.files.end());
    pipeline = std::move(*old);
  }
  running_ = std::move(next);
}

void Reloader::note(const std::string& pipeline, const Errors& errors, double held_up_s) {
  const Instant now = Clock::system().now();
  std::lock_guard lock(mutex_);
  ReloadState& state = states_[pipeline];
  state.last_was_good = errors.empty();
  if (errors.empty()) {
    ++state.successes;
    state.last_success = now;
    state.last_held_up_s = held_up_s;
    return;
  }
  ++state.failures;
  state.last_failure = now;
  state.last_error = errors.front().text();
}

void Reloader::tell(const std::string& reason, const Round& round,
                    std::chrono::steady_clock::duration took) {
  Errors errors = round.errors;
  order_by_place(errors);
  for (const Error& error : errors) log::error("reload", "{}", error.text());
  const auto names = [](const std::vector<std::string>& list) {
    return list.empty() ? std::string("none") : fmt::format("{}", fmt::join(list, ", "));
  };
  const std::string what =
      fmt::format("{}: changed {}, added {}, removed {}; {:.0f} ms", reason, names(round.changed),
                  names(round.added), names(round.removed), seconds_of(took) * 1000);
  if (errors.empty())
    log::info("reload", "{}", what);
  else
    log::error("reload", "{}; {} error{}: what is wrong stays as it was", what, errors.size(),
               errors.size() == 1 ? "" : "s");
}

}  // namespace penstock
