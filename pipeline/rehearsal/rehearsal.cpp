#include "pipeline/rehearsal/rehearsal.h"

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "pipeline/config/source.h"
#include "pipeline/flow/pipeline.h"
#include "pipeline/plugin/dead_letters.h"
#include "pipeline/rehearsal/stand_ins.h"

namespace penstock {
namespace {

class NoDeadLetters : public DeadLetters {
 public:
  Status put(const DeadLetter&) override { return ok_status(); }
  Status sync() override { return ok_status(); }
};

Result<std::unique_ptr<Input>> never_made(const Settings&, const Context&) {
  return Error{Errc::bad_config, "a rehearsal has stand-ins for its inputs", {}};
}

const InputPlugin& feeder_plugin() {
  static const InputPlugin plugin{{kFeederName, "Feeds a rehearsal.", {}}, "json", never_made};
  return plugin;
}

// The input behind which events are put in: JSON, and nothing added.
bool add_feeder(const Registry& registry, Plan& plan, Errors& errors) {
  Planned<InputPlugin>& feeder = plan.inputs.emplace_back();
  PluginNode node;
  node.name = kFeederName;
  feeder.plugin = &feeder_plugin();
  feeder.id = kFeederName;
  feeder.ecs = Ecs::disabled;
  feeder.settings = Settings::check(PluginKind::input, feeder.plugin->info, node, errors);
  feeder.codec.plugin = registry.codec("json");
  CHECK(feeder.codec.plugin, "a rehearsal needs the codec json");
  node.name = "json";
  feeder.codec.settings =
      Settings::check(PluginKind::codec, feeder.codec.plugin->info, node, errors);
  return errors.empty();
}

template <class P, class F>
void each_plugin(const PlanBlock<P>& block, const F& visit) {
  for (const auto& step : block) {
    if (step.plugin) visit(*step.plugin);
    if (step.branch)
      for (const auto& arm : step.branch->arms) each_plugin(arm.block, visit);
  }
}

// Runs to the end. The condition is the pipeline's own: finished, then drained.
void run_to_end(Pipeline& pipeline, std::mutex& mutex, std::condition_variable& changed) {
  const auto wait_for = [&](auto done) {
    std::unique_lock lock(mutex);
    changed.wait(lock, done);
  };
  wait_for([&] { return pipeline.finished(); });
  pipeline.stop_inputs();
  wait_for([&] { return pipeline.drained(); });
  pipeline.stop();
}

}  // namespace

bool Rehearsal::load(const std::string& path, const RehearsalOptions& options, Errors& errors) {
  const size_t before = errors.size();
  ConfigTree tree;
  ParseOptions parse;
  parse.support_escapes = options.support_escapes;
  parse.environment = [&options](const std::string& name) -> const char* {
    const auto found = options.environment.find(name);
    return found != options.environment.end() ? found->second.c_str() : std::getenv(name.c_str());
  };
  load_config(path, parse, tree, errors);
  plan_ = {};
  make_plan(tree, registry_, {options.ecs}, plan_, errors);
  if (errors.size() == before) add_feeder(registry_, plan_, errors);
  order_by_place(errors);
  return errors.size() == before;
}

bool Rehearsal::run(const std::vector<Feed>& feeds, const Clock& clock, ProgramObserver* observer,
                    Outcome& out, Errors& errors) {
  const auto began = std::chrono::steady_clock::now();
  RehearsalEnds ends(feeds, observer, out);
  MetricsRegistry metrics;
  NoDeadLetters dead_letters;
  PipelineOptions options;
  options.workers = 1;
  options.batch_size = 1;
  options.host_name = "localhost";
  options.clock = &clock;
  options.stand_ins = &ends;
  auto pipeline = Pipeline::make(plan_, options, registry_, metrics, dead_letters, errors);
  if (!pipeline) return false;
  std::mutex mutex;
  std::condition_variable changed;
  const Status started = pipeline->start([&] {
    std::lock_guard lock(mutex);
    changed.notify_one();
  });
  if (!started.ok()) {
    errors.push_back(started.error());
    return false;
  }
  run_to_end(*pipeline, mutex, changed);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  out.milliseconds = took.count();
  return true;
}

std::vector<std::string> Rehearsal::outputs(const std::string& name) const {
  std::vector<std::string> out;
  each_plugin(plan_.outputs, [&](const Planned<OutputPlugin>& planned) {
    if (name.empty() || planned.id == name || planned.plugin->info.name == name)
      out.push_back(planned.id);
  });
  return out;
}

bool Rehearsal::has_input(const std::string& name) const {
  return std::any_of(plan_.inputs.begin(), plan_.inputs.end(), [&](const auto& planned) {
    return planned.id != kFeederName &&
           (name.empty() || planned.id == name || planned.plugin->info.name == name);
  });
}

}  // namespace penstock
