// What a run goes by: the command line, else the settings file, else the defaults, which are
// Logstash's where Logstash has them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/base/log.h"
#include "pipeline/base/result.h"
#include "pipeline/cli/options.h"
#include "pipeline/config/yaml_settings.h"
#include "pipeline/plugin/context.h"

namespace penstock {

struct RunSettings {
  std::string path_config, config_string;  // one of them is set
  std::string replay_inputs;  // `dlq replay`: the text of an input section, instead of the inputs
  std::string replay_index;   // and an index for the outputs, "" = their own
  std::string path_data = "data";
  std::string pipeline_id = "main";
  std::string node_name;  // the host's
  Ecs ecs = Ecs::v8;
  uint32_t workers = 1;  // cores
  uint32_t batch_size = 125;
  uint32_t batch_delay_ms = 50;
  bool support_escapes = false;
  bool allow_differences = false;  // run what would deliver something else than in Logstash
  bool test_only = false;
  bool reloadable = true;
  bool reload_automatic = false;
  int64_t reload_interval_ms = 3000;
  uint32_t shutdown_grace_s = 30;
  log::Level log_level = log::Level::info;
  log::Format log_format = log::Format::plain;
  bool api_enabled = true;
  std::string api_host = "127.0.0.1";
  EngineSettings::PortRange api_ports{9600, 9700};
  bool dead_letters = true;
  std::string dead_letter_path;  // "" = in path.data
  uint64_t dead_letter_bytes_max = 0;
  bool dead_letter_drop_older = false;  // when it is full; else new letters are dropped
  // Takes personal data out of the reasons of dead letters; set by main, which knows the detectors.
  std::string (*scrub)(std::string_view text) = nullptr;
  Environment environment;  // what ${NAME} means: the keystore, then the environment
  Errors warnings;          // for the log, once
  // Of pipelines.yml, each whole; empty: these settings are those of the only pipeline.
  std::vector<RunSettings> pipelines;
};

// Bad values go to `errors`.
RunSettings resolve_settings(const CommandLine& line, Errors& errors);

}  // namespace penstock
