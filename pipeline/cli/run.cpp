#include "pipeline/cli/run.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "pipeline/cli/api.h"
#include "pipeline/cli/progress.h"
#include "pipeline/cli/summary.h"
#include "pipeline/config/source.h"
#include "pipeline/flow/supervisor.h"
#include "pipeline/queue/dead_letter_queue.h"

namespace penstock {
namespace {

// For -t, which writes nothing.
class NoDeadLetters : public DeadLetters {
 public:
  Status put(const DeadLetter&) override { return io_error("there is no dead-letter queue"); }
  Status sync() override { return ok_status(); }
};

Result<std::unique_ptr<DeadLetters>> open_dead_letters(const CommandLine& line,
                                                       const RunSettings& settings,
                                                       MetricsRegistry& metrics) {
  if (line.command == Command::test_config)
    return std::unique_ptr<DeadLetters>(std::make_unique<NoDeadLetters>());
  DeadLetterQueue::Options options;
  options.folder = settings.dead_letter_path.empty()
                       ? dead_letter_folder(settings.path_data, settings.pipeline_id)
                       : settings.dead_letter_path + "/" + settings.pipeline_id;
  options.pipeline_id = settings.pipeline_id;
  options.bytes_max = settings.dead_letter_bytes_max;
  options.policy =
      settings.dead_letter_drop_older ? StoragePolicy::drop_older : StoragePolicy::drop_newer;
  options.scrub = settings.scrub;
  TRY(auto queue, DeadLetterQueue::open(options));
  queue->register_in(metrics.engine(settings.pipeline_id));
  return std::unique_ptr<DeadLetters>(std::move(queue));
}

void print_errors(Errors errors) {
  order_by_place(errors);
  for (const Error& error : errors) std::fprintf(stderr, "%s\n", error.text().c_str());
  std::fprintf(stderr, "%zu error%s: nothing was started\n", errors.size(),
               errors.size() == 1 ? "" : "s");
}

// An output's `index` becomes the one that `dlq replay --to` names.
void set_index(Block& block, const std::string& index) {
  for (Statement& statement : block) {
    if (statement.branch)
      for (Branch::Arm& arm : statement.branch->arms) set_index(arm.block, index);
    if (!statement.plugin) continue;
    for (Attribute& attribute : statement.plugin->attributes)
      if (attribute.name == "index") {
        attribute.value = {};
        attribute.value.text = index;
      }
  }
}

void replace_inputs(const RunSettings& settings, const ParseOptions& options, ConfigTree& tree,
                    Errors& errors) {
  std::erase_if(tree.sections,
                [](const Section& section) { return section.kind == SectionKind::input; });
  for (Section& section : tree.sections)
    if (section.kind == SectionKind::output && !settings.replay_index.empty())
      set_index(section.block, settings.replay_index);
  parse_config(settings.replay_inputs, "dlq replay", options, tree, errors);
}

void load(const RunSettings& settings, ConfigTree& tree, Errors& errors) {
  ParseOptions options;
  options.support_escapes = settings.support_escapes;
  options.environment = [](const std::string& name) { return std::getenv(name.c_str()); };
  const bool loaded = settings.path_config.empty()
                          ? load_config_string(settings.config_string, options, tree, errors)
                          : load_config(settings.path_config, options, tree, errors);
  if (loaded && !settings.replay_inputs.empty()) replace_inputs(settings, options, tree, errors);
}

PipelineOptions pipeline_options(const RunSettings& settings) {
  PipelineOptions out;
  out.id = settings.pipeline_id;
  out.workers = settings.workers;
  out.batch_size = settings.batch_size;
  out.path_data = settings.path_data;
  out.host_name = settings.node_name;
  return out;
}

int fail(const Errors& errors) {
  print_errors(errors);
  return kExitBadConfig;
}

Status serve(HttpEndpoint& endpoint, Api& api, const RunSettings& settings) {
  if (!settings.api_enabled) return ok_status();
  TRY_STATUS(endpoint.start());
  api.set_address(fmt::format("{}:{}", settings.api_host, endpoint.port()));
  log::info("api", "listening on {}:{}", settings.api_host, endpoint.port());
  return ok_status();
}

HttpEndpoint::Options endpoint_options(const RunSettings& settings) {
  HttpEndpoint::Options out;
  out.host = settings.api_host;
  out.port_first = settings.api_ports.first;
  out.port_last = settings.api_ports.last;
  return out;
}

// A pipeline on its way from its settings to its end.
struct Prepared {
  const RunSettings* settings = nullptr;
  Plan plan;
  std::unique_ptr<DeadLetters> dead_letters;
  std::unique_ptr<Pipeline> pipeline;
};

void parse_and_plan(const RunSettings& settings, const Registry& registry, Plan& plan,
                    Errors& errors) {
  ConfigTree tree;
  Errors own;
  load(settings, tree, own);
  make_plan(tree, registry, {settings.ecs}, plan, own);
  errors.insert(errors.end(), own.begin(), own.end());
}

// Makes what won't run, as far as it can be made: what only making a plugin shows (a bad pattern, a
// missing file) is reported together with the rest.
void try_out(const RunSettings& settings, const Plan& plan, const Registry& registry,
             Errors& errors) {
  MetricsRegistry metrics;
  NoDeadLetters dead_letters;
  PipelineOptions options = pipeline_options(settings);
  options.workers = 1;
  Pipeline::make(plan, options, registry, metrics, dead_letters, errors);
}

// Everything up to the start, of all pipelines, for the errors of all.
bool prepare_all(const CommandLine& line, const std::vector<RunSettings>& settings,
                 const Registry& registry, MetricsRegistry& metrics, std::vector<Prepared>& out,
                 Errors& errors) {
  for (const RunSettings& own : settings) {
    Prepared& made = out.emplace_back();
    made.settings = &own;
    parse_and_plan(own, registry, made.plan, errors);
  }
  if (!errors.empty()) {
    for (const Prepared& made : out) try_out(*made.settings, made.plan, registry, errors);
    return false;
  }
  for (Prepared& made : out) {
    for (const Error& warning : made.settings->warnings)
      log::warn("settings", "{}", warning.text());
    for (const Error& warning : made.plan.warnings) log::warn("config", "{}", warning.text());
    auto dead_letters = open_dead_letters(line, *made.settings, metrics);
    if (!dead_letters.ok()) {
      errors.push_back(dead_letters.error());
      continue;
    }
    made.dead_letters = std::move(dead_letters).value();
    made.pipeline = Pipeline::make(made.plan, pipeline_options(*made.settings), registry, metrics,
                                   *made.dead_letters, errors);
  }
  return errors.empty();
}

void log_start(const std::vector<Pipeline*>& pipelines) {
  for (const Pipeline* pipeline : pipelines)
    log::info("pipeline", "started: pipeline {}, {} worker{}", pipeline->options().id,
              pipeline->options().workers, pipeline->options().workers == 1 ? "" : "s");
}

// Runs the pipelines to their end, with the API, the progress line and the summary around them.
int supervise(const CommandLine& line, const RunSettings& settings,
              const std::vector<Pipeline*>& pipelines, MetricsRegistry& metrics,
              SignalWaiter& signals) {
  Api api(pipelines, metrics, settings);
  HttpEndpoint endpoint(endpoint_options(settings),
                        [&api](const HttpRequest& request) { return api.answer(request); });
  if (Status served = serve(endpoint, api, settings); !served.ok()) return fail({served.error()});

  ProgressLine progress;
  Supervisor::Options options;
  options.grace = std::chrono::seconds(settings.shutdown_grace_s);
  options.ready = [&] {
    api.set_ready(true);
    log_start(pipelines);
  };
  if (line.progress) options.every = [&] { progress.show(pipelines); };
  const auto began = std::chrono::steady_clock::now();
  const Result<bool> ended = Supervisor(pipelines, signals, options).run();
  api.set_ready(false);
  if (!ended.ok()) return fail({ended.error()});

  if (line.progress) progress.show(pipelines, true);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  endpoint.stop();
  if (line.summary.empty()) return kExitOk;
  const Status written =
      write_summary(line.summary, summary_json(pipelines, metrics, took.count(), ended.value()));
  return written.ok() ? kExitOk : fail({written.error()});
}

}  // namespace

int run(const CommandLine& line, const RunSettings& settings, const Registry& registry) {
  SignalWaiter signals;
  MetricsRegistry metrics;
  Errors errors;
  std::vector<Prepared> prepared;
  const std::vector<RunSettings> only =
      settings.pipelines.empty() ? std::vector{settings} : std::vector<RunSettings>();
  const std::vector<RunSettings>& all = only.empty() ? settings.pipelines : only;
  if (!prepare_all(line, all, registry, metrics, prepared, errors)) return fail(errors);
  if (line.command == Command::test_config) {
    std::puts("Configuration OK");
    return kExitOk;
  }
  std::vector<Pipeline*> pipelines;
  for (const Prepared& made : prepared) {
    if (made.plan.inputs.empty())
      errors.push_back({Errc::bad_config,
                        "pipeline " + made.settings->pipeline_id +
                            " has no input, so there is nothing to run",
                        {}});
    pipelines.push_back(made.pipeline.get());
  }
  if (!errors.empty()) return fail(errors);
  return supervise(line, settings, pipelines, metrics, signals);
}

}  // namespace penstock
