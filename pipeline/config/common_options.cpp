// The options that every plugin of a kind has. A plugin's own option of the same name wins.
#include "pipeline/config/declare.h"

namespace penstock {
namespace {

// Logstash took these out with version 5.
constexpr std::string_view kCondition =
    "put the plugin into a condition instead: `if [type] == \"a\" { ... }`, `if \"a\" in [tags] "
    "{ ... }`";
constexpr std::string_view kCodecInstead = "use a codec instead: `codec => line { ... }`";
constexpr std::string_view kLogLevel = "use --log.level, or `output { stdout { } }`";

constexpr std::string_view kEcsChoices[] = {"disabled", "v1", "v8"};

constexpr Option kId = {"id", OptionType::string, "",
                        "Names this plugin in metrics, the API and the log."};
constexpr Option kMetric = {"enable_metric", OptionType::boolean, "true",
                            "Whether this plugin's metrics are kept."};
constexpr Option kEcs = {"ecs_compatibility",
                         OptionType::choice,
                         "",
                         "Field names by the Elastic Common Schema, or the older ones; unset, the "
                         "pipeline's setting holds.",
                         false,
                         kEcsChoices};
constexpr Option kAddField = {"add_field", OptionType::hash, "",
                              "Fields to add; both name and value may hold `%{...}`."};

constexpr Option kInput[] = {
    kAddField,
    {"codec", OptionType::codec, "", "How the bytes that come in become events."},
    kEcs,
    kMetric,
    kId,
    {"tags", OptionType::strings, "", "Tags that every event of this input gets."},
    {"type", OptionType::string, "", "The field `type` of every event that has none yet."},
    refused("charset", "set it in the codec: `codec => plain { charset => ... }`"),
    refused("debug", kLogLevel),
    refused("format", kCodecInstead),
    refused("message_format", kCodecInstead),
};

constexpr Option kCodec[] = {kEcs, kMetric, kId};

constexpr Option kFilter[] = {
    {"add_field", OptionType::hash, "",
     "Fields to add when the filter succeeds; both name and value may hold `%{...}`."},
    {"add_tag", OptionType::strings, "",
     "Tags to add when the filter succeeds; they may hold `%{...}`."},
    kEcs,
    kMetric,
    kId,
    {"periodic_flush", OptionType::boolean, "false",
     "Whether the filter is flushed at regular intervals; those that need it do so anyway."},
    {"remove_field", OptionType::strings, "",
     "Fields to remove when the filter succeeds; the names may hold `%{...}`."},
    {"remove_tag", OptionType::strings, "",
     "Tags to remove when the filter succeeds; they may hold `%{...}`."},
    refused("exclude_tags", kCondition),
    refused("tags", kCondition),
    refused("type", kCondition),
};

constexpr Option kOutput[] = {
    {"codec", OptionType::codec, "", "How events become the bytes that go out."},
    kEcs,
    kMetric,
    kId,
    {"workers", OptionType::integer, "1",
     "Accepted for Logstash's sake; every worker of the pipeline writes at once."},
    refused("debug", kLogLevel),
    refused("exclude_tags", kCondition),
    refused("message_format", kCodecInstead),
    refused("tags", kCondition),
    refused("type", kCondition),
};

}  // namespace

std::span<const Option> common_options(PluginKind kind) {
  switch (kind) {
    case PluginKind::input:
      return kInput;
    case PluginKind::codec:
      return kCodec;
    case PluginKind::filter:
      return kFilter;
    case PluginKind::output:
      return kOutput;
  }
  return {};
}

}  // namespace penstock
