#include "pipeline/cli/options.h"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace penstock {
namespace {

constexpr const char* kFooter =
    "Examples:\n"
    "  penstock -f conf.d/aura/\n"
    "  penstock -e 'input { stdin {} } output { stdout { codec => json_lines } }'\n"
    "  penstock -t -f pipeline.conf\n"
    "  penstock plugins grok\n\n"
    "Exit codes: 0 done, 1 bad configuration or failed start, 2 bad usage.";

void add_config_flags(CLI::App& app, CommandLine& line) {
  app.add_option("-f,--path.config", line.path_config,
                 "Configuration: a file, a folder or a pattern; files are joined in order of name")
      ->type_name("PATH");
  app.add_option("-e,--config.string", line.config_string, "Configuration given right here")
      ->type_name("TEXT");
  app.add_option("--path.settings", line.path_settings, "Folder that holds penstock.yml")
      ->type_name("DIR");
  app.add_option("--path.data", line.path_data, "Folder for positions, queues and indices")
      ->type_name("DIR");
  app.add_option("--config.support_escapes", line.support_escapes,
                 "Read \\n, \\t, \\\" and the like in the configuration's strings")
      ->type_name("BOOL");
  app.add_flag("--allow-differences", line.allow_differences,
               "Run what would deliver something else than in Logstash (see penstock compat)");
}

void add_reload_flags(CLI::App& app, CommandLine& line) {
  app.add_flag_callback(
      "-r,--config.reload.automatic", [&line] { line.reload_automatic = true; },
      "Take up a changed configuration, or changed files of its plugins, while running");
  app.add_option("--config.reload.interval", line.reload_interval,
                 "How often to look for changes (3s)")
      ->type_name("TIME");
}

void add_pipeline_flags(CLI::App& app, CommandLine& line) {
  app.add_option("-w,--pipeline.workers", line.workers, "Worker threads; 1 keeps the order")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  app.add_option("-b,--pipeline.batch.size", line.batch_size, "Events a worker takes at once")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 20));
  app.add_option("-u,--pipeline.batch.delay", line.batch_delay_ms,
                 "Accepted for Logstash's sake: a worker never waits for a batch to fill")
      ->type_name("MS");
  app.add_option("--pipeline.id", line.pipeline_id, "Name of the pipeline (main)")->type_name("ID");
  app.add_option("--pipeline.ecs_compatibility", line.ecs_compatibility,
                 "Field names of plugins: disabled, v1 or v8 (v8)")
      ->type_name("MODE")
      ->check(CLI::IsMember({"disabled", "v1", "v8"}));
  app.add_option("--shutdown.grace", line.shutdown_grace_s,
                 "Seconds to finish what was read after SIGTERM or SIGINT (30)")
      ->type_name("SECONDS");
  app.add_option("-n,--node.name", line.node_name, "Name of this node in the API")
      ->type_name("NAME");
}

void add_log_and_api_flags(CLI::App& app, CommandLine& line) {
  app.add_option("--log.level", line.log_level, "trace, debug, info, warn, error or fatal (info)")
      ->type_name("LEVEL")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "fatal"}));
  app.add_option("--log.format", line.log_format, "plain or json (plain)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"plain", "json"}));
  app.add_option("--api.enabled", line.api_enabled, "Serve the HTTP API (true)")->type_name("BOOL");
  app.add_option("--api.http.host", line.api_host, "Its address (127.0.0.1)")->type_name("HOST");
  app.add_option("--api.http.port", line.api_port, "Its port, or a range: first free (9600-9700)")
      ->type_name("PORT");
  app.add_flag("--progress", line.progress, "Show progress on standard error while it works");
  app.add_option(
         "--summary", line.summary,
         "At the end write the ledger and all counts there as JSON (penstock summary FILE shows "
         "it); - shows them on standard error")
      ->type_name("FILE");
}

// These parse their own arguments: everything behind the word is passed on as it stands.
CLI::App* add_command(CLI::App& app, const char* name, const char* what) {
  auto* command = app.add_subcommand(name, what);
  command->prefix_command();
  command->set_help_flag();
  return command;
}

struct PrefixCommand {
  Command command;
  const char* name;
  const char* what;
};
constexpr PrefixCommand kPrefixCommands[] = {
    {Command::compat, "compat", "Say what becomes of a Logstash configuration here"},
    {Command::test, "test", "Run the *.test files of configurations"},
    {Command::explain, "explain", "Show what each step does to one event"},
    {Command::diff, "diff", "Show what a change of configuration changes in a sample's events"},
    {Command::convert, "convert", "Write the pipeline that does what a filebeat.yml does"},
};

}  // namespace

CommandLine parse_command_line(int argc, char** argv, std::optional<int>& exit_code) {
  CommandLine line;
  CLI::App app{"Penstock: a log pipeline that runs Logstash's configurations.", "penstock"};
  bool version = false;
  bool test = false;
  add_config_flags(app, line);
  app.add_flag("-t,--config.test_and_exit", test, "Check the configuration and exit");
  add_reload_flags(app, line);
  add_pipeline_flags(app, line);
  add_log_and_api_flags(app, line);
  app.add_flag("-V,--version", version, "Print the version and exit");
  app.footer(kFooter);
  auto* plugins = app.add_subcommand("plugins", "List the plugins, or show one with its options");
  plugins->add_option("name", line.plugin, "the plugin")->type_name("NAME");
  auto* summary = app.add_subcommand("summary", "Show what --summary FILE wrote, for people");
  summary->add_option("file", line.summary_file, "the file")->type_name("FILE")->required();
  auto* dlq = add_command(app, "dlq", "List, show and replay dead letters: dlq list|show|replay");
  auto* keystore = add_command(
      app, "keystore", "Keep secrets for ${KEY}: keystore create|add|list|remove|has-passwd");
  std::vector<CLI::App*> others;
  for (const PrefixCommand& other : kPrefixCommands)
    others.push_back(add_command(app, other.name, other.what));
  app.require_subcommand(0, 1);

  try {  // the one place where the library's exceptions end
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? kExitOk : kExitBadUsage;
    return line;
  }
  if (test) line.command = Command::test_config;
  if (version) line.command = Command::version;
  if (plugins->parsed()) line.command = Command::plugins;
  if (summary->parsed()) line.command = Command::summary;
  if (dlq->parsed()) {
    line.command = Command::dlq;
    line.dlq_arguments = dlq->remaining();
  }
  if (keystore->parsed()) {
    line.command = Command::keystore;
    line.keystore_arguments = keystore->remaining();
    if (line.path_settings)
      line.keystore_arguments.insert(line.keystore_arguments.begin(),
                                     "--path.settings=" + *line.path_settings);
  }
  for (size_t i = 0; i < others.size(); ++i)
    if (others[i]->parsed()) {
      line.command = kPrefixCommands[i].command;
      line.arguments = others[i]->remaining();
    }
  return line;
}

}  // namespace penstock
