#include "pipeline/convert/config_text.h"

#include <algorithm>

namespace penstock {

void ConfigText::open(const std::string& head) {
  // "} else" closes what was open.
  if (head.starts_with('}') && depth_) --depth_;
  out_ += std::string(depth_ * 2, ' ') + head + " {\n";
  ++depth_;
}

void ConfigText::close() {
  if (depth_) --depth_;
  out_ += std::string(depth_ * 2, ' ') + "}\n";
}

void ConfigText::line(const std::string& text) {
  out_ += std::string(depth_ * 2, ' ') + text + "\n";
}

void ConfigText::option(const std::string& name, const std::string& value) {
  line(name + " => " + quoted(value));
}

void ConfigText::bare(const std::string& name, const std::string& value) {
  line(name + " => " + value);
}

void ConfigText::list(const std::string& name, const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ", ") + quoted(value);
  line(name + " => [" + text + "]");
}

void ConfigText::hash(const std::string& name, const Pairs& values) {
  if (values.empty()) return;
  line(name + " => {");
  for (const auto& [key, value] : values) line("  " + quoted(key) + " => " + quoted(value));
  line("}");
}

void ConfigText::truncate(size_t size) { out_.resize(size); }

std::string quoted(const std::string& text) {
  if (text.find('"') == std::string::npos) return "\"" + text + "\"";
  if (text.find('\'') == std::string::npos) return "'" + text + "'";
  std::string out;
  for (const char c : text)
    if (c != '"') out += c;
  return "\"" + out + "\"";
}

std::string reference(const std::string& dotted) {
  if (dotted.starts_with('[')) return dotted;
  std::string out;
  size_t from = 0;
  while (from <= dotted.size()) {
    const size_t dot = std::min(dotted.find('.', from), dotted.size());
    out += "[" + dotted.substr(from, dot - from) + "]";
    from = dot + 1;
  }
  return out;
}

std::string format_string(const std::string& text) {
  std::string out;
  size_t from = 0;
  while (true) {
    const size_t start = text.find("%{[", from);
    const size_t end = start == text.npos ? text.npos : text.find("]}", start);
    out += text.substr(from, end == text.npos ? text.npos : start - from);
    if (end == text.npos) return out;
    const std::string field = text.substr(start + 3, end - start - 3);
    out += "%{" + reference(field.substr(0, field.find("]:"))) + "}";
    from = end + 2;
  }
}

std::string regex_literal(const std::string& pattern) {
  std::string out = "/";
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '/' && (i == 0 || pattern[i - 1] != '\\')) out += '\\';
    out += pattern[i];
  }
  return out + "/";
}

YAML::Node get(const YAML::Node& map, const std::string& dotted) {
  if (!map.IsDefined() || !map.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
  for (const auto& entry : map) {
    const std::string key = entry.first.as<std::string>("");
    if (key == dotted) return entry.second;
    if (!dotted.starts_with(key + ".") || !entry.second.IsMap()) continue;
    const YAML::Node inner = get(entry.second, dotted.substr(key.size() + 1));
    if (inner.IsDefined()) return inner;
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

YAML::Node when_of(const YAML::Node& map) {
  if (!map.IsDefined() || !map.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
  YAML::Node out(YAML::NodeType::Undefined);
  for (const auto& entry : map) {
    const std::string key = entry.first.as<std::string>("");
    if (key == "when") return entry.second;
    if (!key.starts_with("when.")) continue;
    if (!out.IsDefined()) out.reset(YAML::Node(YAML::NodeType::Map));
    out[key.substr(5)] = entry.second;
  }
  return out;
}

std::string text_at(const YAML::Node& map, const std::string& dotted, std::string fallback) {
  const YAML::Node node = get(map, dotted);
  return node.IsDefined() && node.IsScalar() ? node.Scalar() : fallback;
}

bool flag_at(const YAML::Node& map, const std::string& dotted, bool fallback) {
  const std::string text = text_at(map, dotted);
  return text.empty() ? fallback : text == "true" || text == "yes" || text == "on";
}

std::vector<std::string> texts_of(const YAML::Node& node) {
  std::vector<std::string> out;
  if (!node.IsDefined()) return out;
  if (node.IsScalar()) out.push_back(node.Scalar());
  if (node.IsSequence())
    for (const YAML::Node& item : node)
      if (item.IsScalar()) out.push_back(item.Scalar());
  return out;
}

uint32_t line_of(const YAML::Node& node) {
  if (!node.IsDefined() || node.Mark().is_null()) return 0;
  return static_cast<uint32_t>(node.Mark().line + 1);
}

}  // namespace penstock
