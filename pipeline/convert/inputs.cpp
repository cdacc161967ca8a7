#include <algorithm>

#include "pipeline/base/text.h"
#include "pipeline/convert/converter.h"

namespace penstock {
namespace {

// Keys that are read, and keys that only tune Filebeat's way of reading.
constexpr std::string_view kRead[] = {"type",
                                      "input_type",
                                      "enabled",
                                      "id",
                                      "paths",
                                      "exclude_files",
                                      "tags",
                                      "fields",
                                      "fields_under_root",
                                      "include_lines",
                                      "exclude_lines",
                                      "multiline",
                                      "json",
                                      "parsers",
                                      "encoding",
                                      "ignore_older",
                                      "tail_files",
                                      "close_inactive",
                                      "processors",
                                      "host",
                                      "protocol",
                                      "stream",
                                      "format",
                                      "containers",
                                      "harvester_limit",
                                      "document_type",
                                      "line_delimiter",
                                      "pipeline",
                                      "index",
                                      "close"};
constexpr std::string_view kTuning[] = {"scan_frequency",
                                        "harvester_buffer_size",
                                        "max_bytes",
                                        "message_max_bytes",
                                        "backoff",
                                        "max_backoff",
                                        "backoff_factor",
                                        "close_renamed",
                                        "close_removed",
                                        "close_eof",
                                        "close_timeout",
                                        "clean_inactive",
                                        "clean_removed",
                                        "symlinks",
                                        "recursive_glob",
                                        "prospector",
                                        "file_identity",
                                        "buffer_size",
                                        "keep_null",
                                        "publisher_pipeline",
                                        "take_over",
                                        "read_buffer",
                                        "timeout",
                                        "max_message_size",
                                        "cri",
                                        "combine_partial",
                                        "max_connections",
                                        "framing",
                                        "ignore_inactive",
                                        "rotation",
                                        "clean",
                                        "legacy_clean_inactive",
                                        "close.on_state_change",
                                        "scan"};

bool is_among(std::span<const std::string_view> known, const std::string& key) {
  const std::string first = key.substr(0, key.find('.'));
  return std::find(known.begin(), known.end(), first) != known.end() ||
         std::find(known.begin(), known.end(), key) != known.end();
}

// Names of encodings as the codecs know them; "" = UTF-8.
std::string charset_of(const std::string& encoding) {
  if (encoding.empty() || encoding == "plain" || encoding == "utf-8" || encoding == "utf8" ||
      encoding == "nop")
    return "";
  if (encoding == "latin1" || encoding == "iso8859-1") return "ISO-8859-1";
  if (encoding == "windows-1252") return "CP1252";
  if (encoding == "utf-16le" || encoding == "utf-16le-bom") return "UTF-16LE";
  if (encoding == "utf-16be" || encoding == "utf-16be-bom") return "UTF-16BE";
  if (encoding.starts_with("iso8859-")) return "ISO-8859-" + encoding.substr(8);
  return encoding;
}

std::string mark_of(size_t input) { return std::to_string(input); }

}  // namespace

void Converter::input(const YAML::Node& node) {
  if (!node.IsMap() || !flag_at(node, "enabled", true)) return;
  const std::string type = text_at(node, "type", text_at(node, "input_type", "log"));
  const size_t before = inputs.size();
  if (type == "log" || type == "filestream" || type == "container" || type == "docker") {
    file_input(node, type);
  } else if (type == "stdin") {
    ++inputs_made_;
    inputs.open("stdin");
    common_options(node, type);
    codec(node);
    inputs.close();
  } else if (type == "tcp" || type == "udp") {
    socket_input(node, type);
  } else {
    unsupported(node, "filebeat.inputs", "there is no input of the type `" + type + "`");
  }
  if (inputs.size() == before) return;
  input_filters(node, type);
  unknown_keys(node, "filebeat.inputs." + type);
}

void Converter::file_input(const YAML::Node& node, const std::string& type) {
  std::vector<std::string> paths = texts_of(get(node, "paths"));
  if (type == "docker")
    for (const std::string& id : texts_of(get(node, "containers.ids")))
      paths.push_back("/var/lib/docker/containers/" + id + "/*.log");
  std::erase_if(paths, [&](const std::string& path) {
    const bool relative = !path.starts_with('/') && !path.starts_with("${");
    if (relative) unsupported(node, "paths", "`" + path + "` isn't absolute");
    return relative;
  });
  if (paths.empty()) return unsupported(node, "paths", "the input has none, and is left out");
  ++inputs_made_;
  inputs.open("file");
  inputs.list("path", paths);
  inputs.option("start_position", flag_at(node, "tail_files", false) ? "end" : "beginning");
  if (const std::string age = text_at(node, "ignore_older", "0"); age != "0")
    inputs.option("ignore_older", age);
  const std::string close =
      text_at(node, "close_inactive", text_at(node, "close.on_state_change.inactive"));
  if (!close.empty()) inputs.option("close_older", close);
  if (const std::string limit = text_at(node, "harvester_limit", "0"); limit != "0")
    inputs.bare("max_open_files", limit);
  exclude_files(node);
  common_options(node, type);
  codec(node);
  inputs.close();
}

void Converter::socket_input(const YAML::Node& node, const std::string& type) {
  const std::string host = text_at(node, "host");
  const size_t colon = host.rfind(':');
  if (colon == host.npos)
    return unsupported(node, "host", "expected ADDRESS:PORT; the input is left out");
  ++inputs_made_;
  inputs.open(type);
  if (colon > 0) inputs.option("host", host.substr(0, colon));
  inputs.bare("port", host.substr(colon + 1).starts_with("${") ? quoted(host.substr(colon + 1))
                                                               : host.substr(colon + 1));
  common_options(node, type);
  if (get(node, "ssl").IsDefined())
    unsupported(get(node, "ssl"), "ssl", "TLS isn't there yet; let a proxy take it off");
  inputs.close();
}

void Converter::common_options(const YAML::Node& node, const std::string& type) {
  if (const std::string id = text_at(node, "id"); !id.empty()) inputs.option("id", id);
  if (const auto tags = texts_of(get(node, "tags")); !tags.empty()) inputs.list("tags", tags);
  inputs.hash("add_field",
              {{"[@metadata][filebeat_input]", mark_of(inputs_made_)}, {"[input][type]", type}});
}

// A pattern for names; of the regular expressions only those that name an ending.
void Converter::exclude_files(const YAML::Node& node) {
  YAML::Node list = get(node, "exclude_files");
  if (!list.IsDefined()) list.reset(get(node, "prospector.scanner.exclude_files"));
  std::vector<std::string> patterns;
  for (const std::string& pattern : texts_of(list)) {
    std::string_view middle = pattern;
    const bool ending =
        middle.ends_with('$') && middle.find("\\.") != middle.npos && middle.find("\\.") <= 2;
    if (ending) {
      middle.remove_suffix(1);
      middle.remove_prefix(middle.find("\\.") + 2);
    }
    const bool plain = std::all_of(middle.begin(), middle.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    });
    if (ending && plain && !middle.empty())
      patterns.push_back("*." + std::string(middle));
    else
      unsupported(list, "exclude_files",
                  "`" + pattern + "` is no ending: write a pattern like `*.gz` in `exclude`");
  }
  if (!patterns.empty()) inputs.list("exclude", patterns);
}

// The part of `parsers` with that name; undefined when there is none.
YAML::Node Converter::parser_of(const YAML::Node& node, const std::string& name) const {
  const YAML::Node parsers = get(node, "parsers");
  if (parsers.IsDefined() && parsers.IsSequence())
    for (const YAML::Node& item : parsers)
      if (const YAML::Node found = get(item, name); found.IsDefined()) return found;
  return YAML::Node(YAML::NodeType::Undefined);
}

void Converter::codec(const YAML::Node& node) {
  const std::string charset = charset_of(text_at(node, "encoding"));
  YAML::Node lines = get(node, "multiline");
  if (!lines.IsDefined()) lines.reset(parser_of(node, "multiline"));
  // Without a map of its own: multiline.pattern: ...
  const auto option = [&](const char* name, const std::string& fallback) {
    return lines.IsDefined() ? text_at(lines, name, fallback)
                             : text_at(node, std::string("multiline.") + name, fallback);
  };
  const std::string pattern = option("pattern", "");
  if (pattern.empty()) {
    if (!option("type", "").empty())
      unsupported(lines, "multiline.type", "only `pattern` is there");
    if (charset.empty()) return;
    inputs.line("codec => plain { charset => " + quoted(charset) + " }");
    return;
  }
  if (!option("flush_pattern", "").empty())
    unsupported(lines, "multiline.flush_pattern", "it isn't there");
  inputs.open("codec => multiline");
  inputs.option("pattern", pattern);
  inputs.bare("negate", option("negate", "false") == "true" ? "true" : "false");
  inputs.option("what", option("match", "after") == "before" ? "next" : "previous");
  inputs.bare("max_lines", option("max_lines", "500"));
  inputs.option("auto_flush_interval", option("timeout", "5s"));
  inputs.option("multiline_tag", "");
  if (!charset.empty()) inputs.option("charset", charset);
  inputs.close();
}

// What only this input's events get, in Filebeat's order: lines, decoding, processors, fields.
void Converter::input_filters(const YAML::Node& node, const std::string& type) {
  filters.open("if [@metadata][filebeat_input] == " + quoted(mark_of(inputs_made_)));
  filters.open("mutate");
  filters.list("remove_field", {"[event][original]", "@version"});
  filters.close();
  if (type == "container" || type == "docker" || parser_of(node, "container").IsDefined())
    container_filter(node);
  const YAML::Node ndjson = parser_of(node, "ndjson");
  if (ndjson.IsDefined())
    json_filter(ndjson, flag_at(ndjson, "keys_under_root", false) ? "" : text_at(ndjson, "target"));
  else if (get(node, "json").IsDefined() || get(node, "json.keys_under_root").IsDefined() ||
           get(node, "json.message_key").IsDefined())
    json_filter(get(node, "json"), flag_at(node, "json.keys_under_root", false) ? "" : "json");
  if (parser_of(node, "syslog").IsDefined())
    unsupported(node, "parsers.syslog", "use grok with SYSLOGLINE, syslog_pri and date");
  lines_filter(node);
  processors(get(node, "processors"), 0);
  if (const YAML::Node fields = get(node, "fields"); fields.IsDefined())
    set_fields(flag_at(node, "fields_under_root", false) ? "" : "fields", fields);
  if (const std::string old = text_at(node, "document_type"); !old.empty()) {
    filters.open("mutate");
    filters.hash("replace", {{"type", old}});
    filters.close();
  }
  for (const char* key : {"pipeline", "index"})
    if (const std::string value = text_at(node, key); !value.empty()) {
      filters.open("mutate");
      filters.hash("replace", {{std::string("[@metadata][") + key + "]", format_string(value)}});
      filters.close();
    }
  filters.close();
}

void Converter::lines_filter(const YAML::Node& node) {
  const auto any_of = [](const std::vector<std::string>& patterns) {
    std::string out;
    for (const std::string& pattern : patterns)
      out += (out.empty() ? "" : " or ") + ("[message] =~ " + regex_literal(pattern));
    return out;
  };
  if (const auto wanted = texts_of(get(node, "include_lines")); !wanted.empty()) {
    filters.open("if !(" + any_of(wanted) + ")");
    filters.line("drop { }");
    filters.close();
  }
  if (const auto unwanted = texts_of(get(node, "exclude_lines")); !unwanted.empty()) {
    filters.open("if " + any_of(unwanted));
    filters.line("drop { }");
    filters.close();
  }
}

// Docker's json-file, or CRI's "TIME STREAM P|F TEXT".
void Converter::container_filter(const YAML::Node& node) {
  differs(node, "container", "parts of a long line (CRI's P lines) stay events of their own");
  filters.open("if [message] =~ /^\\{/");
  filters.open("json");
  filters.option("source", "message");
  filters.option("target", "[@metadata][container]");
  filters.close();
  filters.open("mutate");
  filters.hash("rename", {{"[@metadata][container][log]", "message"},
                          {"[@metadata][container][stream]", "stream"},
                          {"[@metadata][container][time]", "[@metadata][time]"}});
  filters.list("strip", {"message"});
  filters.close();
  filters.open("} else");
  filters.open("dissect");
  filters.hash("mapping",
               {{"message", "%{[@metadata][time]} %{stream} %{[@metadata][part]} %{message}"}});
  filters.close();
  filters.close();
  filters.open("date");
  filters.list("match", {"[@metadata][time]", "ISO8601"});
  filters.close();
  const std::string stream = text_at(node, "stream", "all");
  if (stream == "all") return;
  filters.open("if [stream] != " + quoted(stream));
  filters.line("drop { }");
  filters.close();
}

// The text isn't kept unless it can't be parsed.
void Converter::json_filter(const YAML::Node& options, const std::string& target) {
  if (flag_at(options, "add_error_key", false))
    differs(options, "json.add_error_key",
            "a text that can't be parsed is tagged _jsonparsefailure");
  filters.open("mutate");
  filters.hash("rename", {{"message", "[@metadata][json]"}});
  filters.close();
  filters.open("json");
  filters.option("source", "[@metadata][json]");
  if (!target.empty()) filters.option("target", reference(target));
  filters.close();
  filters.open("if \"_jsonparsefailure\" in [tags]");
  filters.open("mutate");
  filters.hash("rename", {{"[@metadata][json]", "message"}});
  filters.close();
  filters.close();
  const std::string message = text_at(options, "message_key");
  if (message.empty() || (target.empty() && message == "message")) return;
  const std::string from = target.empty() ? reference(message) : reference(target + "." + message);
  filters.open("mutate");
  filters.hash("copy", {{from, "message"}});
  filters.close();
}

void Converter::unknown_keys(const YAML::Node& node, const std::string& of) {
  for (const auto& entry : node) {
    const std::string key = entry.first.as<std::string>("");
    if (is_among(kRead, key) || key == "ssl") continue;
    if (is_among(kTuning, key))
      differs(entry.first, of + "." + key, "it only tunes how files are read; left out");
    else
      unsupported(entry.first, of + "." + key, "it isn't there");
  }
}

}  // namespace penstock
