#include "pipeline/convert/filebeat.h"

#include <algorithm>

#include "pipeline/convert/converter.h"

namespace penstock {
namespace {

// Parts of the file that concern the shipper and not the events.
constexpr std::string_view kOfTheProcess[] = {"logging",
                                              "monitoring",
                                              "http",
                                              "path",
                                              "queue",
                                              "max_procs",
                                              "seccomp",
                                              "instrumentation",
                                              "filebeat.registry",
                                              "filebeat.shutdown_timeout",
                                              "filebeat.overwrite_pipelines"};

bool is_of_the_process(const std::string& key) {
  return std::any_of(std::begin(kOfTheProcess), std::end(kOfTheProcess),
                     [&](std::string_view known) {
                       return key == known || key.starts_with(std::string(known) + ".");
                     });
}

std::string header(const std::string& name, const std::vector<ConversionNote>& notes) {
  std::string out = "# Made of " + name + " by `penstock convert`.\n";
  for (const ConversionNote& note : notes) {
    out += std::string("# ") + (note.unsupported ? "unsupported: " : "differs: ");
    if (note.line) out += "line " + std::to_string(note.line) + ": ";
    out += note.key + ": " + note.text + "\n";
  }
  return out + "\n";
}

std::string section(const std::string& name, const ConfigText& body) {
  if (body.text().empty()) return "";
  std::string out = name + " {\n";
  std::string_view rest = body.text();
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    out += "  " + std::string(rest.substr(0, end)) + "\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out + "}\n\n";
}

}  // namespace

void Converter::unsupported(const YAML::Node& node, const std::string& key,
                            const std::string& text) {
  notes.push_back({true, line_of(node), key, text});
}

void Converter::differs(const YAML::Node& node, const std::string& key, const std::string& text) {
  notes.push_back({false, line_of(node), key, text});
}

void Converter::file(const YAML::Node& root) {
  for (const char* key : {"filebeat.inputs", "filebeat.prospectors"}) {
    const YAML::Node list = get(root, key);
    if (list.IsDefined() && list.IsSequence())
      for (const YAML::Node& node : list) input(node);
  }
  if (inputs_made_ > 0) differs(root, "events", "[agent], [ecs] and [log][offset] aren't added");
  struct Refused {
    const char* key;
    const char* text;
  };
  constexpr Refused kRefused[] = {
      {"filebeat.autodiscover",
       "nothing watches containers here: name their log files in `input { file }` with patterns "
       "(/var/log/containers/*.log); hints become filters with conditions on [log][file][path]"},
      {"filebeat.modules",
       "modules are ingest pipelines of the engine: write the paths as inputs, "
       "and name the pipeline in `output { elasticsearch { pipeline => ... } }`"},
      {"filebeat.config.modules", "as filebeat.modules"},
      {"filebeat.config.inputs", "convert those files too, each as a list under filebeat.inputs"},
      {"setup.kibana", "load dashboards with Filebeat itself, once"},
      {"setup.dashboards", "load dashboards with Filebeat itself, once"},
      {"setup.ilm", "rollover isn't there: a daily index is written"},
      {"setup.template", "name a template file in `output { elasticsearch { template => ... } }`"},
  };
  for (const Refused& refused : kRefused)
    if (const YAML::Node node = get(root, refused.key); node.IsDefined() && !node.IsNull())
      unsupported(node, refused.key, refused.text);
  if (const YAML::Node node = get(root, "fields"); node.IsDefined())
    set_fields(flag_at(root, "fields_under_root", false) ? "" : "fields", node);
  if (const auto tags = texts_of(get(root, "tags")); !tags.empty()) {
    filters.open("mutate");
    filters.list("add_tag", tags);
    filters.close();
  }
  if (const std::string name = text_at(root, "name"); !name.empty()) {
    filters.open("mutate");
    filters.hash("replace", {{"[host][name]", name}});
    filters.close();
  }
  processors(get(root, "processors"), 0);
  output(root);
  for (const auto& entry : root) {
    const std::string key = entry.first.as<std::string>("");
    constexpr std::string_view kKnown[] = {"filebeat", "fields", "fields_under_root",
                                           "tags",     "name",   "processors",
                                           "output",   "setup",  "cloud"};
    const std::string first = key.substr(0, key.find('.'));
    if (std::find(std::begin(kKnown), std::end(kKnown), first) != std::end(kKnown)) continue;
    if (!is_of_the_process(key)) unsupported(entry.first, key, "it isn't known");
  }
}

Result<Conversion> convert_filebeat(const std::string& text, const std::string& name) {
  // yaml-cpp reports by exception; none leaves this function.
  try {
    const YAML::Node root = YAML::Load(text);
    if (!root.IsMap())
      return Error{
          Errc::bad_config, "expected the settings of Filebeat, `key: value`", {name, 1, 1}};
    Converter converter;
    converter.file(root);
    Conversion out;
    out.notes = std::move(converter.notes);
    out.config = header(name, out.notes) + section("input", converter.inputs) +
                 section("filter", converter.filters) + section("output", converter.outputs);
    return out;
  } catch (const YAML::Exception& e) {
    const bool known = !e.mark.is_null();
    return Error{Errc::bad_config,
                 "not YAML: " + e.msg,
                 {name, known ? static_cast<uint32_t>(e.mark.line + 1) : 1,
                  known ? static_cast<uint32_t>(e.mark.column + 1) : 1}};
  }
}

}  // namespace penstock
