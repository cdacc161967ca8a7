#include "outputs/elasticsearch/templates.h"

#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "pipeline/base/text.h"
#include "pipeline/event/json_reader.h"
#include "pipeline/event/json_writer.h"

namespace penstock::elastic {
namespace {

constexpr size_t kTemplateBytesMax = size_t{4} << 20;

// Mappings that fit any event: what is numeric stays numeric, text is searchable in full and, when
// short, as a keyword; addresses and places by their usual names.
constexpr std::string_view kDefaultBody = R"({
"index_patterns":["PATTERN"],"priority":200,"template":{
"settings":{"index":{
  "codec":"best_compression","refresh_interval":"5s","number_of_shards":1}},
"mappings":{"dynamic_templates":[
  {"message_field":{"path_match":"message","match_mapping_type":"string",
    "mapping":{"type":"text","norms":false}}},
  {"strings":{"match":"*","match_mapping_type":"string",
    "mapping":{"type":"text","norms":false,
      "fields":{"keyword":{"type":"keyword","ignore_above":256}}}}}],
"properties":{"@timestamp":{"type":"date"},"@version":{"type":"keyword"},
  "geoip":{"dynamic":true,"properties":{"ip":{"type":"ip"},"location":{"type":"geo_point"},
    "latitude":{"type":"half_float"},"longitude":{"type":"half_float"}}}}}}})";

bool parse(std::string_view text, Arena& arena, Value& out) {
  JsonReader reader;
  return reader.read(text, arena, out) == JsonReader::Outcome::ok && out.is_object();
}

std::string written(const Value& value) {
  ByteBuffer out;
  write_json(value, out);
  return std::string(out.view());
}

Result<IndexTemplate> load_file(const std::filesystem::path& path, const std::string& name,
                                TemplateApi api) {
  std::ifstream file(path, std::ios::binary);
  if (!file.good()) return Error{Errc::bad_config, path.string() + ": cannot be read", {}};
  std::string body{std::istreambuf_iterator<char>(file), {}};
  if (body.size() > kTemplateBytesMax)
    return Error{Errc::bad_config, path.string() + ": larger than 4 MiB", {}};
  Arena arena;
  Value root;
  if (!parse(body, arena, root))
    return Error{Errc::bad_config, path.string() + ": is not a JSON object", {}};
  const Value* inner = object_find(root, Name("template"));
  IndexTemplate out;
  out.name = name.empty() ? path.stem().string() : name;
  out.composable = (inner && inner->is_object()) || object_find(root, Name("composed_of"));
  out.body = std::move(body);
  out.api = api;
  return out;
}

bool uses_composable(const IndexTemplate& which, const EngineVersion& version) {
  if (which.api == TemplateApi::legacy) return false;
  if (which.api == TemplateApi::composable) return true;
  return which.composable && version.has_composable();
}

void copy_member(Arena& arena, const Value& from, std::string_view name, Value& to) {
  if (const Value* found = object_find(from, Name(name))) object_set(arena, to, Name(name), *found);
}

// {"index_patterns", "template":{...}, "priority"} -> {"index_patterns", ..., "order"}
std::string as_legacy(std::string_view body) {
  Arena arena;
  Value root, out = Value::object();
  if (!parse(body, arena, root)) return std::string(body);
  copy_member(arena, root, "index_patterns", out);
  copy_member(arena, root, "version", out);
  if (const Value* priority = object_find(root, Name("priority")))
    object_set(arena, out, Name("order"), *priority);
  if (const Value* inner = object_find(root, Name("template")); inner && inner->is_object())
    for (const Member& member : inner->entries())
      object_set(arena, out, {member.name(), member.hash}, member.value);
  return written(out);
}

std::string as_composable(std::string_view body) {
  Arena arena;
  Value root, out = Value::object(), inner = Value::object();
  if (!parse(body, arena, root)) return std::string(body);
  copy_member(arena, root, "index_patterns", out);
  copy_member(arena, root, "version", out);
  if (const Value* order = object_find(root, Name("order")))
    object_set(arena, out, Name("priority"), *order);
  // The oldest templates call their patterns "template".
  if (const Value* pattern = object_find(root, Name("template")); pattern && pattern->is_string()) {
    Value patterns = Value::array();
    array_append(arena, patterns, *pattern);
    object_set(arena, out, Name("index_patterns"), patterns);
  }
  for (const auto name : {"settings", "mappings", "aliases"}) copy_member(arena, root, name, inner);
  object_set(arena, out, Name("template"), inner);
  return written(out);
}

}  // namespace

std::optional<EngineVersion> parse_engine_version(std::string_view answer) {
  Arena arena;
  Value root;
  if (!parse(answer, arena, root)) return {};
  const Value* version = object_find(root, Name("version"));
  if (!version || !version->is_object()) return {};
  const Value* number = object_find(*version, Name("number"));
  if (!number || !number->is_string()) return {};
  EngineVersion out;
  out.number = std::string(number->view().substr(0, 32));
  const auto dot = out.number.find('.');
  const auto major = parse_integer(out.number.substr(0, dot));
  if (!major || dot == std::string::npos) return {};
  const std::string rest = out.number.substr(dot + 1);
  out.major = static_cast<int>(std::clamp<int64_t>(*major, 0, 1000));
  out.minor = static_cast<int>(
      std::clamp<int64_t>(parse_integer(rest.substr(0, rest.find('.'))).value_or(0), 0, 1000));
  const Value* distribution = object_find(*version, Name("distribution"));
  out.opensearch =
      distribution && distribution->is_string() && distribution->view() == "opensearch";
  return out;
}

Result<std::vector<IndexTemplate>> load_templates(const std::string& path, const std::string& name,
                                                  TemplateApi api) {
  std::vector<IndexTemplate> out;
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    TRY(IndexTemplate one, load_file(path, name, api));
    out.push_back(std::move(one));
    return out;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path, error))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  if (error || files.empty())
    return Error{Errc::bad_config, path + ": the folder holds no *.json template", {}};
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    TRY(IndexTemplate one, load_file(file, "", api));
    out.push_back(std::move(one));
  }
  return out;
}

IndexTemplate default_template(const std::string& name, const std::string& index_pattern,
                               TemplateApi api) {
  IndexTemplate out;
  out.name = name;
  out.api = api;
  out.body = kDefaultBody;
  out.body.replace(out.body.find("PATTERN"), 7, index_pattern);
  return out;
}

std::string template_path(const IndexTemplate& which, const EngineVersion& version) {
  return (uses_composable(which, version) ? "/_index_template/" : "/_template/") + which.name;
}

std::string template_body(const IndexTemplate& which, const EngineVersion& version) {
  const bool wanted = uses_composable(which, version);
  if (wanted == which.composable) return which.body;
  return wanted ? as_composable(which.body) : as_legacy(which.body);
}

}  // namespace penstock::elastic
