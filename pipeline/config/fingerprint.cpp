#include "pipeline/config/fingerprint.h"

namespace penstock {
namespace {

// Length first, so that no two different things look alike.
void put(const std::string& text, std::string& out) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

void put(const PluginNode& node, std::string& out);

void put(const ConfigValue& value, std::string& out) {
  out += static_cast<char>('a' + static_cast<int>(value.kind));
  put(value.text, out);
  out += '[';
  for (const ConfigValue& item : value.items) put(item, out);
  out += ']';
  if (value.plugin) put(*value.plugin, out);
}

void put(const PluginNode& node, std::string& out) {
  put(node.name, out);
  out += '{';
  for (const Attribute& attribute : node.attributes) {
    put(attribute.name, out);
    put(attribute.value, out);
  }
  out += '}';
}

void put(const Expression& expression, std::string& out) {
  out += static_cast<char>('A' + static_cast<int>(expression.op));
  put(expression.text, out);
  out += '(';
  for (const auto& operand : expression.operands) put(*operand, out);
  out += ')';
}

void put(const Block& block, std::string& out) {
  for (const Statement& statement : block) {
    if (statement.plugin) put(*statement.plugin, out);
    if (!statement.branch) continue;
    out += '?';
    for (const Branch::Arm& arm : statement.branch->arms) {
      if (arm.condition) put(*arm.condition, out);
      out += '{';
      put(arm.block, out);
      out += '}';
    }
    out += ';';
  }
}

}  // namespace

std::string fingerprint(const PluginNode& node) {
  std::string out;
  put(node, out);
  return out;
}

std::string fingerprint(const ConfigTree& tree) {
  std::string out;
  for (const Section& section : tree.sections) {
    out += static_cast<char>('0' + static_cast<int>(section.kind));
    put(section.block, out);
  }
  return out;
}

}  // namespace penstock
