#include "pipeline/rehearsal/yaml_json.h"

#include <algorithm>

#include "pipeline/base/text.h"
#include "pipeline/event/json_reader.h"
#include "pipeline/event/json_writer.h"

namespace penstock {
namespace {

constexpr uint32_t kDepthMax = 64;
// Aliases can make a small file as large as they like.
constexpr size_t kJsonBytesMax = size_t{4} << 20;

bool is_json_number(const std::string& text) {
  if (text.empty() || text.find_first_not_of("+-0123456789.eE") != std::string::npos) return false;
  Arena arena;
  Value value;
  JsonReader reader;
  return reader.read(text, arena, value) == JsonReader::Outcome::ok && value.is_number();
}

void append_scalar(const YAML::Node& node, ByteBuffer& out) {
  const std::string& text = node.Scalar();
  const bool plain = node.Tag() == "?" || node.Tag().empty();
  if (plain && (text == "null" || text == "~")) return out.append("null");
  if (plain && (text == "true" || text == "false" || is_json_number(text))) return out.append(text);
  write_json_string(replace_invalid_utf8(text), out);
}

void append_json(const YAML::Node& node, ByteBuffer& out, uint32_t depth) {
  if (depth > kDepthMax || out.size() > kJsonBytesMax || !node.IsDefined() || node.IsNull())
    return out.append("null");
  if (node.IsScalar()) return append_scalar(node, out);
  bool first = true;
  out.push_back(node.IsSequence() ? '[' : '{');
  for (const auto& item : node) {
    if (!first) out.push_back(',');
    first = false;
    if (node.IsSequence()) {
      append_json(item, out, depth + 1);
      continue;
    }
    write_json_string(replace_invalid_utf8(item.first.as<std::string>("")), out);
    out.push_back(':');
    append_json(item.second, out, depth + 1);
  }
  out.push_back(node.IsSequence() ? ']' : '}');
}

}  // namespace

std::string yaml_to_json(const YAML::Node& node) {
  ByteBuffer out;
  append_json(node, out, 0);
  return std::string(out.view());
}

Flat yaml_to_flat(const YAML::Node& map) {
  Flat out;
  const std::string text = yaml_to_json(map);
  Arena arena;
  Value value;
  JsonReader reader;
  if (reader.read(text, arena, value) == JsonReader::Outcome::ok && value.is_object())
    flatten_object(value, "", out);
  return out;
}

}  // namespace penstock
