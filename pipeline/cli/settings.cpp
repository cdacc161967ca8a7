#include "pipeline/cli/settings.h"

#include <sched.h>
#include <unistd.h>

#include "pipeline/base/text.h"

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

// "9600" or "9600-9700".
bool read_ports(const std::string& text, RunSettings& settings) {
  const size_t dash = text.find('-');
  const auto first = parse_integer(text.substr(0, dash));
  const auto last = dash == std::string::npos ? first : parse_integer(text.substr(dash + 1));
  if (!first || !last || *first < 0 || *last > 65535 || *first > *last) return false;
  settings.api_port_first = static_cast<uint16_t>(*first);
  settings.api_port_last = static_cast<uint16_t>(*last);
  return true;
}

Ecs ecs_of(const std::string& mode) {
  if (mode == "disabled") return Ecs::disabled;
  return mode == "v1" ? Ecs::v1 : Ecs::v8;
}

}  // namespace

RunSettings resolve_settings(const CommandLine& line, Errors& errors) {
  RunSettings out;
  out.workers = line.workers.value_or(usable_cores());
  out.node_name = line.node_name.value_or(host_name());
  out.path_config = line.path_config.value_or("");
  out.config_string = line.config_string.value_or("");
  out.path_data = line.path_data.value_or(out.path_data);
  out.pipeline_id = line.pipeline_id.value_or(out.pipeline_id);
  out.ecs = ecs_of(line.ecs_compatibility.value_or("v8"));
  out.batch_size = line.batch_size.value_or(out.batch_size);
  out.batch_delay_ms = line.batch_delay_ms.value_or(out.batch_delay_ms);
  out.support_escapes = line.support_escapes.value_or(false);
  out.shutdown_grace_s = line.shutdown_grace_s.value_or(out.shutdown_grace_s);
  log::parse_level(line.log_level.value_or("info"), out.log_level);
  if (line.log_format == "json") out.log_format = log::Format::json;
  out.api_enabled = line.api_enabled.value_or(true);
  out.api_host = line.api_host.value_or(out.api_host);
  if (line.api_port && !read_ports(*line.api_port, out))
    errors.push_back({Errc::bad_config,
                      "--api.http.port: expected a port or a range such as "
                      "9600-9700, got `" +
                          *line.api_port + "`"});
  return out;
}

}  // namespace penstock
