// ConfigText: a configuration in the making, indented line by line, and the notes that go with it.
#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/convert/filebeat.h"

namespace penstock {

using Pairs = std::vector<std::pair<std::string, std::string>>;

class ConfigText {
 public:
  void open(const std::string& head);  // "filter", "if [a] == 1", "} else"
  void close();
  void line(const std::string& text);
  // name => "value"
  void option(const std::string& name, const std::string& value);
  void bare(const std::string& name, const std::string& value);  // true, 5, json
  void list(const std::string& name, const std::vector<std::string>& values);
  void hash(const std::string& name, const Pairs& values);
  const std::string& text() const { return out_; }
  size_t size() const { return out_.size(); }
  void truncate(size_t size);

 private:
  std::string out_;
  size_t depth_ = 0;
};

// A text in quotes; quotes can't be escaped in the language, so one that has both kinds loses the
// double ones.
std::string quoted(const std::string& text);
// "a.b" -> "[a][b]"; "a" -> "[a]"
std::string reference(const std::string& dotted);
// Filebeat's format strings: "%{[a.b]}-%{+yyyy.MM.dd}" -> "%{[a][b]}-%{+yyyy.MM.dd}"
std::string format_string(const std::string& text);
// /.../ of the language
std::string regex_literal(const std::string& pattern);

// What stands under a dotted name, whether it is written `a.b: 1` or `a: {b: 1}`. Undefined: not
// there.
YAML::Node get(const YAML::Node& map, const std::string& dotted);
// What stands under `when`, also where it is written `when.equals: ...`.
YAML::Node when_of(const YAML::Node& map);
std::string text_at(const YAML::Node& map, const std::string& dotted, std::string fallback = "");
bool flag_at(const YAML::Node& map, const std::string& dotted, bool fallback);
std::vector<std::string> texts_of(const YAML::Node& node);  // a list or a single text
uint32_t line_of(const YAML::Node& node);

}  // namespace penstock
