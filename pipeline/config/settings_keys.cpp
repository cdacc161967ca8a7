// The keys of the settings file. Names and defaults are Logstash's (environment.rb, 9.x).
#include "pipeline/config/yaml_settings.h"

namespace penstock {
namespace {

constexpr std::string_view kEcs[] = {"disabled", "v1", "v8"};
constexpr std::string_view kOrdered[] = {"auto", "true", "false"};
constexpr std::string_view kLevels[] = {"trace", "debug", "info", "warn", "error", "fatal"};
constexpr std::string_view kFormats[] = {"plain", "json"};
constexpr std::string_view kQueues[] = {"memory", "persisted"};
constexpr std::string_view kPolicies[] = {"drop_newer", "drop_older"};

constexpr Option kKeys[] = {
    {"api.enabled", OptionType::boolean, "true", "Whether the HTTP API listens."},
    {"api.environment", OptionType::string, "production", "No effect."},
    {"api.http.host", OptionType::string, "127.0.0.1", "The address that the API listens on."},
    {"api.http.port", OptionType::string, "9600-9700",
     "The API's port, or a range of which it takes the first free one."},
    {"config.debug", OptionType::boolean, "false", "No effect; use `log.level: debug`."},
    {"config.field_reference.escape_style", OptionType::string, "none",
     "Only `none`: other values are refused."},
    {"config.reload.automatic", OptionType::boolean, "false",
     "Whether a changed configuration, or a changed file of a plugin's, is taken up while "
     "running."},
    {"config.reload.interval", OptionType::duration, "3s",
     "How often to look whether the configuration has changed."},
    {"config.string", OptionType::string, "", "The pipeline's configuration itself."},
    {"config.support_escapes", OptionType::boolean, "false",
     "Whether `\\n`, `\\t`, `\\\"` and the like mean something in quoted strings."},
    {"config.test_and_exit", OptionType::boolean, "false",
     "Check the configuration, report, and exit."},
    {"dead_letter_queue.enable", OptionType::boolean, "true",
     "Whether events that an output refuses for good are kept on disk; otherwise they are dropped "
     "and counted."},
    {"dead_letter_queue.flush_check_interval", OptionType::integer, "1000",
     "No effect: a letter is on disk before its event is answered for."},
    {"dead_letter_queue.flush_interval", OptionType::integer, "5000",
     "No effect: a letter is on disk before its event is answered for."},
    {"dead_letter_queue.max_bytes", OptionType::bytes, "1024mb",
     "The most that the queue takes on disk."},
    {"dead_letter_queue.retain.age", OptionType::duration, "",
     "No effect: letters are kept until `dead_letter_queue.max_bytes` is used up."},
    {"dead_letter_queue.storage_policy", OptionType::choice, "drop_newer",
     "Which letters go when the queue is full.", false, kPolicies},
    {"log.format", OptionType::choice, "plain", "How Penstock's own log is written.", false,
     kFormats},
    {"log.level", OptionType::choice, "info", "The least severe level that is logged.", false,
     kLevels},
    {"metric.collect", OptionType::boolean, "true", "No effect: metrics are always kept."},
    {"node.name", OptionType::string, "", "The name of this instance; the host's when unset."},
    {"path.config", OptionType::path, "", "The configuration: a file, a folder or a glob."},
    {"path.data", OptionType::path, "data", "Where Penstock keeps what must survive a restart."},
    {"path.dead_letter_queue", OptionType::path, "",
     "Where the dead-letter queue lies; in `path.data` when unset."},
    {"path.logs", OptionType::path, "", "No effect: the log goes to standard error."},
    {"path.queue", OptionType::path, "", "No effect: there is no persisted queue."},
    {"pipeline.batch.delay", OptionType::integer, "50",
     "No effect: a worker never waits for a batch to fill."},
    {"pipeline.batch.size", OptionType::integer, "125", "Events that a worker takes at once."},
    {"pipeline.ecs_compatibility", OptionType::choice, "v8",
     "Field names by the Elastic Common Schema, or the older ones.", false, kEcs},
    {"pipeline.id", OptionType::string, "main", "The pipeline's name in metrics and the log."},
    {"pipeline.ordered", OptionType::choice, "auto",
     "Whether events keep their order: `true` means one worker; `auto`, when there is one.", false,
     kOrdered},
    {"pipeline.recoverable", OptionType::string, "false",
     "No effect: no event can end a pipeline."},
    {"pipeline.reloadable", OptionType::boolean, "true",
     "Whether a reload may change the pipeline."},
    {"pipeline.separate_logs", OptionType::boolean, "false",
     "No effect: the log goes to standard error, with the pipeline's name."},
    {"pipeline.unsafe_shutdown", OptionType::boolean, "false",
     "No effect: `--shutdown.grace` bounds every shutdown."},
    {"pipeline.workers", OptionType::integer, "",
     "Threads that run the filters and outputs; one per core when unset."},
    {"queue.checkpoint.acks", OptionType::integer, "1024",
     "No effect: there is no persisted queue."},
    {"queue.checkpoint.interval", OptionType::integer, "1000",
     "No effect: there is no persisted queue."},
    {"queue.checkpoint.retry", OptionType::boolean, "true",
     "No effect: there is no persisted queue."},
    {"queue.checkpoint.writes", OptionType::integer, "1024",
     "No effect: there is no persisted queue."},
    {"queue.compression", OptionType::string, "none", "No effect: there is no persisted queue."},
    {"queue.drain", OptionType::boolean, "false",
     "No effect: a shutdown always finishes what was read."},
    {"queue.max_bytes", OptionType::bytes, "1024mb", "No effect: there is no persisted queue."},
    {"queue.max_events", OptionType::integer, "0", "No effect: there is no persisted queue."},
    {"queue.page_capacity", OptionType::bytes, "64mb", "No effect: there is no persisted queue."},
    {"queue.type", OptionType::choice, "memory",
     "Where events wait. `persisted` has no effect: they wait in memory, and what was not "
     "delivered is read again by inputs that can.",
     false, kQueues},
};

}  // namespace

std::span<const Option> EngineSettings::keys() { return kKeys; }

}  // namespace penstock
