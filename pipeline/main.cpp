// Wiring only: the plugins of this binary and the command line. What happens is in pipeline/cli.
#include <cstdio>

#include "codecs/codecs.h"
#include "compat/absent.h"
#include "filters/filters.h"
#include "filters/pii.h"
#include "inputs/inputs.h"
#include "outputs/outputs.h"
#include "pipeline/cli/compat_command.h"
#include "pipeline/cli/convert_command.h"
#include "pipeline/cli/diff_command.h"
#include "pipeline/cli/explain_command.h"
#include "pipeline/cli/keystore_command.h"
#include "pipeline/cli/options.h"
#include "pipeline/cli/plugins_command.h"
#include "pipeline/cli/run.h"
#include "pipeline/cli/summary.h"
#include "pipeline/cli/test_command.h"
#include "pipeline/queue/dlq_command.h"

namespace penstock {
namespace {

int show_plugins(const Registry& registry, const std::string& name) {
  const std::string text = name.empty() ? list_plugins(registry) : describe_plugin(registry, name);
  if (text.empty()) {
    std::fprintf(stderr, "there is no plugin `%s`; `penstock plugins` lists them\n", name.c_str());
    return kExitBadUsage;
  }
  std::fputs(text.c_str(), stdout);
  return kExitOk;
}

int run_pipeline(const CommandLine& line, const Registry& registry) {
  Errors errors;
  RunSettings settings = resolve_settings(line, errors);
  for (const Error& error : errors) std::fprintf(stderr, "%s\n", error.text().c_str());
  if (!errors.empty()) return kExitBadConfig;
  if (settings.pipelines.empty() &&
      settings.path_config.empty() == settings.config_string.empty()) {
    std::fputs(
        "give the configuration with either -f PATH or -e TEXT, or pipelines.yml in the folder of "
        "--path.settings (see --help)\n",
        stderr);
    return kExitBadUsage;
  }
  log::configure(settings.log_level, settings.log_format);
  settings.scrub = scrub_text;
  for (RunSettings& pipeline : settings.pipelines) pipeline.scrub = scrub_text;
  return run(line, settings, registry);
}

int replay(const DlqReplay& what, const Registry& registry) {
  CommandLine line;
  line.path_config = what.config;
  line.path_data = what.path_data;
  line.pipeline_id = what.pipeline_id;
  line.api_enabled = false;
  Errors errors;
  RunSettings settings = resolve_settings(line, errors);
  for (const Error& error : errors) std::fprintf(stderr, "%s\n", error.text().c_str());
  if (!errors.empty()) return kExitBadUsage;
  settings.scrub = scrub_text;
  settings.replay_inputs = what.inputs;
  settings.replay_index = what.index;
  return run(line, settings, registry);
}

int main_of(int argc, char** argv) {
  std::optional<int> exit_code;
  const CommandLine line = parse_command_line(argc, argv, exit_code);
  if (exit_code) return *exit_code;
  log::set_scrubber(scrub_text);
  const Registry registry{all_inputs(), all_codecs(), all_filters(), all_outputs(),
                          absent_plugins()};
  switch (line.command) {
    case Command::version:
      std::puts("penstock " PENSTOCK_VERSION);
      return kExitOk;
    case Command::plugins:
      return show_plugins(registry, line.plugin);
    case Command::dlq:
      return dlq_command(line.dlq_arguments,
                         [&registry](const DlqReplay& what) { return replay(what, registry); });
    case Command::summary:
      return summary_command(line.summary_file);
    case Command::compat:
      return compat_command(line.arguments, registry);
    case Command::test:
      return test_command(line.arguments, registry);
    case Command::explain:
      return explain_command(line.arguments, registry);
    case Command::diff:
      return diff_command(line.arguments, registry);
    case Command::convert:
      return convert_command(line.arguments);
    case Command::keystore:
      return keystore_command(line.keystore_arguments);
    case Command::run:
    case Command::test_config:
      break;
  }
  return run_pipeline(line, registry);
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) { return penstock::main_of(argc, argv); }
