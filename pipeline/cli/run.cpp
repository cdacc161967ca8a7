#include "pipeline/cli/run.h"

#include <fmt/format.h>

#include <cstdio>

#include "pipeline/cli/api.h"
#include "pipeline/cli/load.h"
#include "pipeline/cli/progress.h"
#include "pipeline/cli/reload.h"
#include "pipeline/cli/summary.h"
#include "pipeline/flow/supervisor.h"

namespace penstock {
namespace {

void print_errors(Errors errors, const char* what) {
  order_by_place(errors);
  for (const Error& error : errors) std::fprintf(stderr, "%s\n", error.text().c_str());
  std::fprintf(stderr, "%zu error%s: %s\n", errors.size(), errors.size() == 1 ? "" : "s", what);
}

int fail(const Errors& errors) {
  print_errors(errors, "nothing was started");
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
  out.posts = {std::string(Api::kReloadPath)};
  return out;
}

void log_start(const PipelineList& list) {
  for (const auto& pipeline : list.get())
    log::info("pipeline", "started: pipeline {}, {} worker{}", pipeline->options().id,
              pipeline->options().workers, pipeline->options().workers == 1 ? "" : "s");
}

// Makes what can be made. Of what can't, all errors are found: what only making a plugin shows (a
// bad pattern, a missing file) is reported together with the rest.
std::vector<std::shared_ptr<Pipeline>> make_all(Loaded& loaded, const Registry& registry,
                                                MetricsRegistry& metrics,
                                                const std::shared_ptr<const PipelineBus>& bus,
                                                bool for_test) {
  std::vector<std::shared_ptr<Pipeline>> out;
  for (LoadedPipeline& pipeline : loaded.pipelines) {
    if (!pipeline.errors.empty()) {
      try_out(pipeline, registry);
      continue;
    }
    if (pipeline.plan.inputs.empty() && !for_test) {
      pipeline.errors.push_back(
          {Errc::bad_config,
           "pipeline " + pipeline.id() + " has no input, so there is nothing to run",
           {}});
      continue;
    }
    if (auto made = make_pipeline(pipeline, registry, metrics, bus, for_test))
      out.push_back(std::move(made));
  }
  return out;
}

// Everything that lives while the pipelines run.
struct Session {
  Session(const CommandLine& command, const RunSettings& given, const Registry& registry)
      : line(command),
        settings(given),
        reloader(command, given, registry, metrics, bus, signals),
        supervisor(list, signals, options()),
        api(list, metrics, given, reloader),
        endpoint(endpoint_options(given),
                 [this](const HttpRequest& request) { return api.answer(request); }) {}

  Supervisor::Options options() {
    Supervisor::Options out;
    out.grace = std::chrono::seconds(settings.shutdown_grace_s);
    out.ready = [this] {
      api.set_ready(true);
      log_start(list);
    };
    out.hang_up = [this] { reloader.request("SIGHUP"); };
    out.turn = [this] { return reloader.turn(); };
    if (line.progress) out.every = [this] { progress.show(list.get()); };
    return out;
  }

  int run();
  int finish(bool complete, std::chrono::steady_clock::time_point began);

  const CommandLine& line;
  const RunSettings& settings;
  SignalWaiter signals;
  MetricsRegistry metrics;
  std::shared_ptr<const PipelineBus> bus = std::make_shared<const PipelineBus>();
  PipelineList list;
  ProgressLine progress;
  Reloader reloader;
  Supervisor supervisor;
  Api api;
  HttpEndpoint endpoint;
};

int Session::run() {
  if (Status served = serve(endpoint, api, settings); !served.ok()) return fail({served.error()});
  const auto began = std::chrono::steady_clock::now();
  const Result<bool> ended = supervisor.run();
  api.set_ready(false);
  if (!ended.ok()) return fail({ended.error()});
  return finish(ended.value(), began);
}

int Session::finish(bool complete, std::chrono::steady_clock::time_point began) {
  const PipelineList::Pipelines pipelines = list.get();
  if (line.progress) progress.show(pipelines, true);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  endpoint.stop();
  if (line.summary.empty()) return kExitOk;
  const Status written =
      write_summary(line.summary, summary_json(pipelines, metrics, took.count(), complete));
  return written.ok() ? kExitOk : fail({written.error()});
}

}  // namespace

int run(const CommandLine& line, const RunSettings& settings, const Registry& registry) {
  const bool for_test = line.command == Command::test_config || settings.test_only;
  Session session(line, settings, registry);
  Loaded loaded = load_pipelines(settings, registry);
  auto made = make_all(loaded, registry, session.metrics, session.bus, for_test);
  const Errors errors = loaded.all_errors();
  if (!errors.empty() && (for_test || made.empty())) return fail(errors);
  if (!settings.pipelines.empty())  // else they are the only pipeline's
    for (const Error& warning : settings.warnings) log::warn("settings", "{}", warning.text());
  for (const Topology::Finding& warning : loaded.warnings)
    log::warn("config", "{}", warning.error.text());
  if (for_test) {
    std::puts("Configuration OK");
    return kExitOk;
  }
  if (!errors.empty()) print_errors(errors, "the pipelines that are right are started");
  for (auto& pipeline : made) (void)session.supervisor.add(std::move(pipeline));
  session.supervisor.set_topology(loaded.topology());
  session.reloader.begin(std::move(loaded), session.supervisor);
  return session.run();
}

}  // namespace penstock
