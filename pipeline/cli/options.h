// The command line: Logstash's flags, and a few of our own. Parsed once, on the main thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace penstock {

enum class Command : uint8_t {
  run,
  test_config,
  version,
  plugins,
  dlq,
  summary,
  keystore,
  compat,
  test,
  explain,
  diff,
  convert
};

// What was given; what wasn't comes from the settings file or the defaults (settings.h).
struct CommandLine {
  Command command = Command::run;
  std::optional<std::string> path_config, config_string, path_data, path_settings;
  std::optional<std::string> log_level, log_format, pipeline_id, ecs_compatibility, node_name;
  std::optional<uint32_t> workers, batch_size, batch_delay_ms;
  std::optional<bool> api_enabled, support_escapes, reload_automatic;
  std::optional<std::string> reload_interval;
  std::optional<std::string> api_host, api_port;
  std::optional<uint32_t> shutdown_grace_s;
  bool progress = false;
  bool allow_differences = false;          // run what would mean something else in Logstash
  std::string summary;                     // a file, "-" for standard error, "" for none
  std::string plugin;                      // of `plugins NAME`
  std::string summary_file;                // of `summary FILE`
  std::vector<std::string> dlq_arguments;  // of `dlq ...`, unparsed
  std::vector<std::string> keystore_arguments;
  std::vector<std::string> arguments;  // of compat, test, explain, diff, convert, unparsed
};

// `exit_code` is set when the program should end at once (--help was printed: 0, bad usage: 2).
CommandLine parse_command_line(int argc, char** argv, std::optional<int>& exit_code);

inline constexpr int kExitOk = 0;
inline constexpr int kExitBadConfig = 1;
inline constexpr int kExitBadUsage = 2;

}  // namespace penstock
