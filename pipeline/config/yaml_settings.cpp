#include "pipeline/config/yaml_settings.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "pipeline/base/text.h"
#include "pipeline/config/option_types.h"
#include "pipeline/config/parser.h"

namespace penstock {
namespace {

constexpr std::string_view kCommandLine = "the command line";
constexpr std::string_view kFiles[] = {"penstock.yml", "logstash.yml"};
constexpr std::string_view kPipelinesFile = "pipelines.yml";
constexpr size_t kPipelinesMax = 256;
// What a pipeline may set for itself; the rest belongs to the process.
constexpr std::string_view kOfPipelines[] = {"config.string",
                                             "config.support_escapes",
                                             "config.reload.",
                                             "config.debug",
                                             "dead_letter_queue.",
                                             "metric.collect",
                                             "path.config",
                                             "path.dead_letter_queue",
                                             "path.queue",
                                             "pipeline.",
                                             "queue."};
// A settings file larger than this is none.
constexpr size_t kSettingsBytesMax = 1 << 20;

// Keys of Logstash's that mean nothing here: a warning that says why. By prefix.
struct Ignored {
  std::string_view prefix;
  std::string_view why;
};
constexpr Ignored kIgnored[] = {
    {"xpack.", "there is no X-Pack here: scrape /metrics, or read /_node/stats"},
    {"monitoring.", "scrape /metrics, or read /_node/stats"},
    {"modules", "Logstash's modules are not supported; write their pipeline out"},
    {"cloud.", "set hosts and credentials in the elasticsearch output"},
    {"var.", "Logstash's modules are not supported"},
    {"setup", "Logstash's modules are not supported"},
    {"slowlog.", "the time spent in each plugin is in /_node/stats and /metrics"},
    {"keystore.", "the keystore is penstock.keystore in the folder of the settings"},
    {"otel.", "scrape /metrics"},
    {"http.host", "it is called api.http.host now"},
    {"http.port", "it is called api.http.port now"},
    {"http.", "it is called api.http.* now"},
    {"path.plugins", "all plugins are part of the program"},
    {"allow_superuser", "it runs as whoever starts it"},
    {"pipeline.buffer.", "there is no heap and no direct memory to choose from"},
    {"interactive", "there is no interactive shell"},
    {"version", "give --version"},
    {"help", "give --help"},
    {"pipeline.plugin_classloaders", "there are no class loaders"},
    {"pipeline.batch.output_chunking.", "outputs size their requests by themselves"},
    {"pipeline.batch.metrics.", "batches are measured always"},
    {"pipeline.system", "there are no pipelines of its own"},
    {"log.format.json.", "keys of the JSON log are never doubled"},
    {"ssl.reload.", "config.reload.automatic looks at certificates too"},
    {"enable-local-plugin-development", "all plugins are part of the program"},
};
// Keys that are read and checked and change nothing: the same.
constexpr Ignored kWithoutEffect[] = {
    {"api.environment", "nothing depends on it"},
    {"config.debug", "use log.level: debug"},
    {"dead_letter_queue.flush_check_interval",
     "a dead letter is on disk before its event is answered for"},
    {"dead_letter_queue.flush_interval",
     "a dead letter is on disk before its event is answered for"},
    {"dead_letter_queue.retain.age",
     "letters are kept until dead_letter_queue.max_bytes is used up"},
    {"metric.collect", "metrics are always kept"},
    {"path.logs", "the log goes to standard error; the service manager keeps it"},
    {"path.queue", "there is no persisted queue"},
    {"pipeline.batch.delay", "a worker never waits for a batch to fill"},
    {"pipeline.recoverable", "no event can end a pipeline"},
    {"pipeline.separate_logs", "the log goes to standard error, with the pipeline's name"},
    {"pipeline.unsafe_shutdown", "--shutdown.grace bounds every shutdown"},
    {"queue.drain", "a shutdown always finishes what was read, within --shutdown.grace"},
    {"queue.", "there is no persisted queue"},
};
// Keys that protect something: to ignore them would be worse than to stop.
constexpr std::string_view kRefused[] = {"api.auth.", "api.ssl."};

const Ignored* find_ignored(std::span<const Ignored> list, std::string_view key) {
  for (const Ignored& ignored : list)
    if (key.starts_with(ignored.prefix)) return &ignored;
  return nullptr;
}

bool has_prefix(std::span<const std::string_view> prefixes, std::string_view key) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return key.starts_with(prefix); });
}

class Reader {
 public:
  Reader(const std::string& file, const Environment& environment, PluginNode& out, Errors& errors)
      : file_(file), environment_(environment), out_(out), errors_(errors) {}

  void map(const YAML::Node& node, const std::string& prefix, uint32_t depth) {
    if (depth > kConfigDepthMax) return error(where(node), "nested too deeply");
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) {
        error(where(entry.first), "expected a key, found a " + kind(entry.first));
        continue;
      }
      const std::string key = prefix + entry.first.Scalar();
      const YAML::Node& held = entry.second;
      if (held.IsMap()) {
        map(held, key + ".", depth + 1);
      } else if (held.IsSequence() || held.IsScalar()) {
        out_.attributes.push_back({key, where(entry.first), value(held)});
      }
    }
  }

 private:
  ConfigValue value(const YAML::Node& node) {
    ConfigValue out;
    out.where = where(node);
    if (node.IsSequence()) {
      out.kind = ConfigValue::Kind::array;
      for (const auto& item : node) out.items.push_back(scalar(item));
      return out;
    }
    return scalar(node);
  }

  ConfigValue scalar(const YAML::Node& node) {
    ConfigValue out;
    out.where = where(node);
    if (!node.IsScalar()) {
      error(out.where, "expected a value, found a " + kind(node));
      return out;
    }
    auto text = substitute_environment(node.Scalar(), environment_);
    if (text.ok())
      out.text = std::move(text).value();
    else
      error(out.where, text.error().message);
    return out;
  }

  static std::string kind(const YAML::Node& node) {
    return node.IsMap() ? "map" : node.IsSequence() ? "list" : node.IsNull() ? "null" : "value";
  }

  Where where(const YAML::Node& node) const {
    const YAML::Mark mark = node.Mark();
    if (mark.is_null()) return {file_, 0, 0};
    return {file_, static_cast<uint32_t>(mark.line + 1), static_cast<uint32_t>(mark.column + 1)};
  }

  void error(Where place, std::string message) {
    errors_.push_back({Errc::bad_config, std::move(message), std::move(place)});
  }

  const std::string& file_;
  const Environment& environment_;
  PluginNode& out_;
  Errors& errors_;
};

// yaml-cpp reports by exception; this is the only place that meets one.
bool read_yaml(const std::string& text, const std::string& file, Reader& reader, Errors& errors) {
  try {
    const YAML::Node root = YAML::Load(text);
    if (root.IsNull() || !root.IsDefined()) return true;
    if (!root.IsMap()) {
      errors.push_back({Errc::bad_config, "expected `key: value` lines", {file, 1, 1}});
      return false;
    }
    reader.map(root, "", 0);
    return true;
  } catch (const YAML::Exception& e) {
    const bool known = !e.mark.is_null();
    errors.push_back({Errc::bad_config,
                      "not YAML: " + e.msg,
                      {file, known ? static_cast<uint32_t>(e.mark.line + 1) : 1,
                       known ? static_cast<uint32_t>(e.mark.column + 1) : 1}});
    return false;
  }
}

// The items of `pipelines.yml`. Like read_yaml(), it lets no exception out.
bool read_pipelines(const std::string& text, const std::string& file,
                    const Environment& environment, std::vector<PluginNode>& out, Errors& errors) {
  const auto fail = [&](std::string message, const YAML::Mark& mark) {
    const bool known = !mark.is_null();
    errors.push_back({Errc::bad_config,
                      std::move(message),
                      {file, known ? static_cast<uint32_t>(mark.line + 1) : 1,
                       known ? static_cast<uint32_t>(mark.column + 1) : 1}});
    return false;
  };
  try {
    const YAML::Node root = YAML::Load(text);
    if (!root.IsSequence() || root.size() == 0)
      return fail("expected a list of pipelines, each `- pipeline.id: NAME` and what goes with it",
                  root.Mark());
    if (root.size() > kPipelinesMax)
      return fail("more than " + std::to_string(kPipelinesMax) + " pipelines", root.Mark());
    bool good = true;
    for (const YAML::Node& item : root) {
      if (!item.IsMap()) {
        good = fail("expected the settings of a pipeline, `key: value`", item.Mark());
        continue;
      }
      PluginNode& node = out.emplace_back();
      node.where = {file, static_cast<uint32_t>(item.Mark().line + 1),
                    static_cast<uint32_t>(item.Mark().column + 1)};
      const size_t before = errors.size();
      Reader(file, environment, node, errors).map(item, "", 0);
      good = good && errors.size() == before;
    }
    return good;
  } catch (const YAML::Exception& e) {
    return fail("not YAML: " + e.msg, e.mark);
  }
}

const Attribute* find_attribute(const PluginNode& node, std::string_view name) {
  for (const Attribute& attribute : node.attributes)
    if (attribute.name == name) return &attribute;
  return nullptr;
}

bool is_known_key(std::string_view key) {
  const auto keys = EngineSettings::keys();
  return std::any_of(keys.begin(), keys.end(),
                     [&](const Option& option) { return option.name == key; });
}

// What only holds for one item of `pipelines.yml`.
void check_pipeline(const PluginNode& node, Errors& errors) {
  const auto error = [&](const Where& where, std::string message) {
    errors.push_back({Errc::bad_config, std::move(message), where});
  };
  for (const Attribute& attribute : node.attributes)
    if (is_known_key(attribute.name) && !has_prefix(kOfPipelines, attribute.name))
      error(attribute.where,
            attribute.name + " holds for the whole process: set it in penstock.yml");
  if (!find_attribute(node, "pipeline.id")) error(node.where, "the pipeline has no `pipeline.id`");
  const Attribute* path = find_attribute(node, "path.config");
  const Attribute* text = find_attribute(node, "config.string");
  if (!path == !text) error(node.where, "a pipeline needs either `path.config` or `config.string`");
}

// The file to read; "" when the folder has none.
std::string settings_file(const std::string& folder, Errors& errors) {
  std::error_code ignored;
  if (folder.empty()) return "";
  if (!std::filesystem::is_directory(folder, ignored)) {
    errors.push_back({Errc::not_found, "path.settings: `" + folder + "` is not a folder", {}});
    return "";
  }
  for (const std::string_view name : kFiles) {
    std::string path = folder + "/" + std::string(name);
    if (std::filesystem::exists(path, ignored)) return path;
  }
  return "";
}

bool read_file(const std::string& file, std::string& text, Errors& errors) {
  std::ifstream in(file, std::ios::binary);
  text.assign(std::istreambuf_iterator<char>(in), {});
  if (!in) {
    errors.push_back(io_error(file + ": cannot read: " + errno_text(errno)));
    return false;
  }
  if (text.size() <= kSettingsBytesMax) return true;
  errors.push_back(io_error(file + ": larger than a settings file can be"));
  return false;
}

Error no_effect(const Attribute& attribute, const Ignored& ignored) {
  return {Errc::bad_config, attribute.name + " has no effect: " + std::string(ignored.why),
          attribute.where};
}

// Takes out the keys that are known but not ours.
void sift(PluginNode& node, Errors& warnings, Errors& errors) {
  std::vector<Attribute> kept;
  for (Attribute& attribute : node.attributes) {
    const std::string& key = attribute.name;
    if (has_prefix(kRefused, key)) {
      errors.push_back({Errc::bad_config,
                        key + ": the API has neither TLS nor passwords; keep it on 127.0.0.1 "
                              "behind a proxy, and remove this",
                        attribute.where});
    } else if (const Ignored* ignored = find_ignored(kIgnored, key)) {
      warnings.push_back(no_effect(attribute, *ignored));
    } else {
      const Ignored* without = find_ignored(kWithoutEffect, key);
      if (without && !(key == "queue.type" && attribute.value.text == "memory"))
        warnings.push_back(no_effect(attribute, *without));
      kept.push_back(std::move(attribute));
    }
  }
  node.attributes = std::move(kept);
}

void apply_overrides(const std::vector<SettingOverride>& overrides, PluginNode& node) {
  for (const SettingOverride& given : overrides) {
    std::erase_if(node.attributes, [&](const Attribute& a) { return a.name == given.key; });
    const Where where{std::string(kCommandLine), 0, 0};
    ConfigValue value;
    value.where = where;
    value.text = given.value;
    node.attributes.push_back({given.key, where, std::move(value)});
  }
}

// "9600" or "9600-9700".
std::optional<EngineSettings::PortRange> parse_ports(std::string_view text) {
  const size_t dash = std::min(text.find('-'), text.size());
  const auto first = parse_integer(text.substr(0, dash));
  const auto last = dash == text.size() ? first : parse_integer(text.substr(dash + 1));
  const auto is_port = [](int64_t port) { return port >= 1 && port <= 65535; };
  if (!first || !last || !is_port(*first) || !is_port(*last) || *first > *last) return std::nullopt;
  return EngineSettings::PortRange{static_cast<uint16_t>(*first), static_cast<uint16_t>(*last)};
}

// What the types can't say.
void check_values(const Settings& values, Errors& errors) {
  for (const char* key : {"pipeline.workers", "pipeline.batch.size", "queue.page_capacity"})
    if (values.is_given(key) && values.value(key)->text.starts_with('-'))
      errors.push_back(values.error(key, "must be greater than 0"));
  for (const char* key : {"pipeline.workers", "pipeline.batch.size"})
    if (values.is_given(key) && values.integer(key) == 0)
      errors.push_back(values.error(key, "must be greater than 0"));
  if (values.string("config.field_reference.escape_style") != "none")
    errors.push_back(values.error("config.field_reference.escape_style",
                                  "only `none` is supported: a field whose name holds brackets "
                                  "can't be named in a configuration"));
  if (values.string("pipeline.ordered") == "true" && values.integer("pipeline.workers") > 1)
    errors.push_back(values.error("pipeline.ordered",
                                  "`true` needs pipeline.workers: 1, since only one worker keeps "
                                  "the order"));
  if (values.integer("pipeline.batch.delay") < 0)
    errors.push_back(values.error("pipeline.batch.delay", "must not be negative"));
  if (!parse_ports(values.string("api.http.port")))
    errors.push_back(values.error(
        "api.http.port", "expected a port (1 to 65535) or a range like 9600-9700, found `" +
                             values.string("api.http.port") + "`"));
}

}  // namespace

bool parse_settings(const std::string& text, const std::string& file,
                    const Environment& environment, PluginNode& out, Errors& errors) {
  const size_t before = errors.size();
  Reader reader(file, environment, out, errors);
  return read_yaml(text, file, reader, errors) && errors.size() == before;
}

bool load_settings(const std::string& folder, const std::vector<SettingOverride>& overrides,
                   const Environment& environment, EngineSettings& out, Errors& errors) {
  const size_t before = errors.size();
  PluginNode node;
  std::string text;
  out.file_ = settings_file(folder, errors);
  if (!out.file_.empty() && read_file(out.file_, text, errors)) {
    node.where = {out.file_, 1, 1};
    parse_settings(text, out.file_, environment, node, errors);
  }
  sift(node, out.warnings_, errors);
  apply_overrides(overrides, node);
  const std::string owner = out.file_.empty() ? "the settings" : out.file_;
  out.values_ = Settings::check(owner, EngineSettings::keys(), node, errors);
  if (errors.size() == before) check_values(out.values_, errors);
  return errors.size() == before;
}

bool load_pipelines(const std::string& folder, const std::vector<SettingOverride>& overrides,
                    const Environment& environment, std::vector<EngineSettings>& out,
                    Errors& errors) {
  const size_t before = errors.size();
  const std::string file = folder + "/" + std::string(kPipelinesFile);
  std::error_code ignored;
  if (folder.empty() || !std::filesystem::exists(file, ignored)) return true;
  std::string text;
  std::vector<PluginNode> items;
  if (!read_file(file, text, errors)) return false;
  read_pipelines(text, file, environment, items, errors);

  PluginNode base;  // load_settings() has reported its errors
  const std::string main_file = settings_file(folder, errors);
  Errors told;
  if (!main_file.empty() && read_file(main_file, text, told))
    parse_settings(text, main_file, environment, base, told);
  sift(base, told, told);
  apply_overrides(overrides, base);

  std::map<std::string, Where> ids;
  for (PluginNode& item : items) {
    EngineSettings& made = out.emplace_back();
    made.file_ = file;
    sift(item, made.warnings_, errors);
    check_pipeline(item, errors);
    if (const Attribute* id = find_attribute(item, "pipeline.id")) {
      const auto [first, fresh] = ids.emplace(id->value.text, id->where);
      if (!fresh)
        errors.push_back({Errc::bad_config,
                          "pipeline.id: `" + first->first +
                              "` is already the id of the pipeline at " + first->second.text(),
                          id->where});
    }
    PluginNode node = base;
    node.where = item.where;
    for (Attribute& own : item.attributes) {
      std::erase_if(node.attributes, [&](const Attribute& a) { return a.name == own.name; });
      node.attributes.push_back(std::move(own));
    }
    const size_t checked = errors.size();
    made.values_ = Settings::check(file, EngineSettings::keys(), node, errors);
    if (errors.size() == checked) check_values(made.values_, errors);
  }
  return errors.size() == before;
}

std::string EngineSettings::origin(std::string_view key) const {
  if (!values_.is_given(key)) return "the default";
  const Where where = values_.where(key);
  return where.known() ? where.text() : std::string(kCommandLine);
}

int64_t EngineSettings::bytes(std::string_view key) const {
  // Plugins count "mb" in millions, Logstash's settings in 1024s.
  std::string text = to_lower_ascii(values_.string(key));
  if (text.size() > 1 && text.back() == 'b' &&
      std::string_view("kmgt").find(text[text.size() - 2]) != std::string_view::npos)
    text.insert(text.size() - 1, "i");
  return parse_bytes(text).value_or(0);
}

EngineSettings::PortRange EngineSettings::api_ports() const {
  return parse_ports(values_.string("api.http.port")).value_or(PortRange{9600, 9700});
}

}  // namespace penstock
