// Converter: one filebeat.yml on its way. Private to the conversion.
#pragma once

#include "pipeline/convert/config_text.h"

namespace penstock {

// Levels of processors and conditions in each other.
inline constexpr uint32_t kConvertDepthMax = 32;

class Converter {
 public:
  void file(const YAML::Node& root);

  ConfigText inputs, filters, outputs;
  std::vector<ConversionNote> notes;

 private:
  // Inputs (inputs.cpp).
  void input(const YAML::Node& node);
  void file_input(const YAML::Node& node, const std::string& type);
  void socket_input(const YAML::Node& node, const std::string& type);
  void common_options(const YAML::Node& node, const std::string& type);
  void codec(const YAML::Node& node);
  YAML::Node parser_of(const YAML::Node& node, const std::string& name) const;
  void input_filters(const YAML::Node& node, const std::string& type);
  void lines_filter(const YAML::Node& node);
  void container_filter(const YAML::Node& node);
  void json_filter(const YAML::Node& options, const std::string& target);
  void exclude_files(const YAML::Node& node);
  void unknown_keys(const YAML::Node& node, const std::string& of);

  // Processors (processors.cpp).
  void processors(const YAML::Node& list, uint32_t depth);
  void processor(const YAML::Node& item, uint32_t depth);
  bool known_processor(const std::string& name, const YAML::Node& options);
  bool field_processor(const std::string& name, const YAML::Node& options);
  void parse_processor(const std::string& name, const YAML::Node& options);
  void if_then_else(const YAML::Node& item, uint32_t depth);
  void set_fields(const std::string& target, const YAML::Node& fields);
  void dissect(const YAML::Node& options);
  void timestamp(const YAML::Node& options);
  void convert(const YAML::Node& options);

  // Conditions (conditions.cpp); nothing when one of its kinds isn't there.
  std::optional<std::string> condition(const YAML::Node& node, uint32_t depth = 0);
  std::optional<std::string> one_condition(const std::string& kind, const YAML::Node& held,
                                           uint32_t depth);

  // Outputs (outputs.cpp).
  void output(const YAML::Node& root);
  void elasticsearch(const YAML::Node& node, const YAML::Node& root);
  void elasticsearch_options(const YAML::Node& node, const YAML::Node& root);
  void ssl_options(const YAML::Node& node);

  void unsupported(const YAML::Node& node, const std::string& key, const std::string& text);
  void differs(const YAML::Node& node, const std::string& key, const std::string& text);

  size_t inputs_made_ = 0;
};

// A layout of Go's time package as a pattern of Joda-Time; empty when it can't be said.
std::string joda_of_go(const std::string& layout);

}  // namespace penstock
