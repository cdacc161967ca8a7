#include "pipeline/cli/settings.h"

#include <sched.h>
#include <unistd.h>

#include <cstdlib>

#include "pipeline/config/keystore.h"

namespace penstock {
namespace {

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

// The cores that this process may use, which a container or taskset can make fewer than there are.
uint32_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<uint32_t>(CPU_COUNT(&set));
}

Ecs ecs_of(const std::string& mode) {
  if (mode == "disabled") return Ecs::disabled;
  return mode == "v1" ? Ecs::v1 : Ecs::v8;
}

std::vector<SettingOverride> overrides_of(const CommandLine& line) {
  std::vector<SettingOverride> out;
  const auto text = [&](const char* key, const std::optional<std::string>& value) {
    if (value) out.push_back({key, *value});
  };
  const auto number = [&](const char* key, const std::optional<uint32_t>& value) {
    if (value) out.push_back({key, std::to_string(*value)});
  };
  const auto flag = [&](const char* key, const std::optional<bool>& value) {
    if (value) out.push_back({key, *value ? "true" : "false"});
  };
  text("path.data", line.path_data);
  text("pipeline.id", line.pipeline_id);
  text("node.name", line.node_name);
  text("pipeline.ecs_compatibility", line.ecs_compatibility);
  text("log.level", line.log_level);
  text("log.format", line.log_format);
  text("api.http.host", line.api_host);
  text("api.http.port", line.api_port);
  number("pipeline.workers", line.workers);
  number("pipeline.batch.size", line.batch_size);
  number("pipeline.batch.delay", line.batch_delay_ms);
  flag("api.enabled", line.api_enabled);
  flag("config.support_escapes", line.support_escapes);
  flag("config.reload.automatic", line.reload_automatic);
  text("config.reload.interval", line.reload_interval);
  return out;
}

// The settings that are one pipeline's, or the process's and its only pipeline's.
RunSettings run_settings(const CommandLine& line, const EngineSettings& engine) {
  RunSettings out;
  out.warnings = engine.warnings();
  out.path_data = engine.string("path.data");
  out.pipeline_id = engine.string("pipeline.id");
  out.node_name = engine.string("node.name");
  if (out.node_name.empty()) out.node_name = host_name();
  out.ecs = ecs_of(engine.string("pipeline.ecs_compatibility"));
  out.workers = static_cast<uint32_t>(engine.integer("pipeline.workers"));
  if (out.workers == 0)
    out.workers = engine.string("pipeline.ordered") == "true" ? 1 : usable_cores();
  out.batch_size = static_cast<uint32_t>(engine.integer("pipeline.batch.size"));
  out.batch_delay_ms = static_cast<uint32_t>(engine.integer("pipeline.batch.delay"));
  out.allow_differences = line.allow_differences;
  out.support_escapes = engine.boolean("config.support_escapes");
  out.shutdown_grace_s = line.shutdown_grace_s.value_or(out.shutdown_grace_s);
  log::parse_level(engine.string("log.level"), out.log_level);
  if (engine.string("log.format") == "json") out.log_format = log::Format::json;
  out.api_enabled = engine.boolean("api.enabled");
  out.api_host = engine.string("api.http.host");
  out.api_ports = engine.api_ports();
  out.test_only = engine.boolean("config.test_and_exit");
  out.reloadable = engine.boolean("pipeline.reloadable");
  out.reload_automatic = engine.boolean("config.reload.automatic");
  out.reload_interval_ms = engine.milliseconds("config.reload.interval");
  out.dead_letters = engine.boolean("dead_letter_queue.enable");
  out.dead_letter_path = engine.string("path.dead_letter_queue");
  out.dead_letter_bytes_max = static_cast<uint64_t>(engine.bytes("dead_letter_queue.max_bytes"));
  out.dead_letter_drop_older = engine.string("dead_letter_queue.storage_policy") == "drop_older";
  out.path_config = engine.string("path.config");
  out.config_string = engine.string("config.string");
  return out;
}

}  // namespace

RunSettings resolve_settings(const CommandLine& line, Errors& errors) {
  const std::string folder = line.path_settings.value_or("");
  const auto variables = with_keystore(
      folder, [](const std::string& name) -> const char* { return std::getenv(name.c_str()); });
  if (!variables.ok()) {
    errors.push_back(variables.error());
    return {};
  }
  const Environment& environment = variables.value();
  const auto overrides = overrides_of(line);
  EngineSettings engine;
  if (!load_settings(folder, overrides, environment, engine, errors)) return {};
  RunSettings out = run_settings(line, engine);
  out.environment = environment;
  // One of -e and -f on the command line sets aside both of the file's.
  if (line.path_config || line.config_string) {
    out.path_config = line.path_config.value_or("");
    out.config_string = line.config_string.value_or("");
  }
  // As in Logstash, a configuration that is named sets pipelines.yml aside.
  if (!out.path_config.empty() || !out.config_string.empty()) return out;
  std::vector<EngineSettings> pipelines;
  if (!load_pipelines(folder, overrides, environment, pipelines, errors)) return out;
  for (const EngineSettings& pipeline : pipelines)
    out.pipelines.push_back(run_settings(line, pipeline));
  for (RunSettings& pipeline : out.pipelines) pipeline.environment = environment;
  return out;
}

}  // namespace penstock
