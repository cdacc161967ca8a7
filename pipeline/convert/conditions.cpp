// Filebeat's conditions: `equals: {a.b: 1}`, `and: [...]` and the like, as those of the language.
#include "pipeline/base/text.h"
#include "pipeline/convert/converter.h"

namespace penstock {
namespace {

// A map of field and value, nested or dotted, as a flat list.
void flatten_map(const YAML::Node& node, const std::string& prefix,
                 std::vector<std::pair<std::string, YAML::Node>>& out, uint32_t depth) {
  if (depth > kConvertDepthMax || !node.IsMap()) return;
  for (const auto& entry : node) {
    const std::string name = prefix + entry.first.as<std::string>("");
    if (entry.second.IsMap())
      flatten_map(entry.second, name + ".", out, depth + 1);
    else
      out.emplace_back(name, entry.second);
  }
}

std::string joined(const std::vector<std::string>& parts, const char* with) {
  if (parts.size() == 1) return parts[0];
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : with) + ("(" + part + ")");
  return out;
}

bool is_plain_number(const YAML::Node& node) {
  return node.Tag() != "!" && parse_real(node.Scalar()).has_value() &&
         node.Scalar().find_first_not_of("-0123456789.") == std::string::npos;
}

std::string equals(const std::string& field, const YAML::Node& value) {
  if (is_plain_number(value)) return field + " == " + value.Scalar();
  const bool truth = value.Tag() != "!" && (value.Scalar() == "true" || value.Scalar() == "false");
  // The language has no booleans: membership compares texts.
  if (truth) return field + " in [\"" + value.Scalar() + "\", \"" + value.Scalar() + "\"]";
  return field + " == " + quoted(value.Scalar());
}

// "a.b.gte" of a range: field and operator.
bool split_range(const std::string& name, std::string& field, std::string& sign) {
  const size_t dot = name.rfind('.');
  if (dot == name.npos) return false;
  const std::string word = name.substr(dot + 1);
  sign = word == "gte" ? ">=" : word == "gt" ? ">" : word == "lte" ? "<=" : word == "lt" ? "<" : "";
  field = reference(name.substr(0, dot));
  return !sign.empty();
}

}  // namespace

std::optional<std::string> Converter::condition(const YAML::Node& node, uint32_t depth) {
  if (!node.IsMap() || depth > kConvertDepthMax) return std::nullopt;
  std::vector<std::string> parts;
  for (const auto& entry : node) {
    std::string kind = entry.first.as<std::string>("");
    YAML::Node held = entry.second;
    // `equals.a.b: 1` is `equals: {a.b: 1}`.
    if (const size_t dot = kind.find('.'); dot != std::string::npos) {
      YAML::Node inner(YAML::NodeType::Map);
      inner[kind.substr(dot + 1)] = held;
      held.reset(inner);  // assignment would change the tree
      kind.resize(dot);
    }
    auto part = one_condition(kind, held, depth);
    if (!part) return std::nullopt;
    parts.push_back(std::move(*part));
  }
  if (parts.empty()) return std::nullopt;
  return joined(parts, " and ");
}

std::optional<std::string> Converter::one_condition(const std::string& kind, const YAML::Node& held,
                                                    uint32_t depth) {
  std::vector<std::string> parts;
  if (kind == "and" || kind == "or") {
    if (!held.IsSequence()) return std::nullopt;
    for (const YAML::Node& item : held) {
      auto part = condition(item, depth + 1);
      if (!part) return std::nullopt;
      parts.push_back(std::move(*part));
    }
    if (parts.empty()) return std::nullopt;
    return joined(parts, kind == "and" ? " and " : " or ");
  }
  if (kind == "not") {
    const auto inner = condition(held, depth + 1);
    if (!inner) return std::nullopt;
    return "!(" + *inner + ")";
  }
  if (kind == "has_fields") {
    for (const std::string& field : texts_of(held)) parts.push_back(reference(field));
    if (parts.empty()) return std::nullopt;
    return joined(parts, " and ");
  }
  std::vector<std::pair<std::string, YAML::Node>> fields;
  flatten_map(held, "", fields, 0);
  for (const auto& [name, value] : fields) {
    const std::string field = reference(name);
    std::string range_field, sign;
    if (kind == "equals" && value.IsScalar()) {
      parts.push_back(equals(field, value));
    } else if (kind == "contains") {
      std::vector<std::string> any;
      for (const std::string& text : texts_of(value)) any.push_back(quoted(text) + " in " + field);
      if (any.empty()) return std::nullopt;
      parts.push_back(joined(any, " or "));
    } else if (kind == "regexp") {
      std::vector<std::string> any;
      for (const std::string& text : texts_of(value))
        any.push_back(field + " =~ " + regex_literal(text));
      if (any.empty()) return std::nullopt;
      parts.push_back(joined(any, " or "));
    } else if (kind == "range" && value.IsScalar() && split_range(name, range_field, sign)) {
      parts.push_back(range_field + " and " + range_field + " " + sign + " " + value.Scalar());
    } else {
      return std::nullopt;  // network, and what is yet to come
    }
  }
  if (parts.empty()) return std::nullopt;
  return joined(parts, " and ");
}

}  // namespace penstock
