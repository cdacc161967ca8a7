// The rule language: YAML text to Rules, every fault reported with its place. docs/THREAT_RULES.md
// is its reference. Start-up only.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "filters/threat/signal.h"
#include "pipeline/base/result.h"

namespace penstock::threat {

// Which part of a text a rule looks at.
enum class Scope : uint8_t {
  any,    // the whole text
  value,  // what a client sent: parameters, JSON strings, bodies, texts that are one payload
  path,   // the path of a URL
  agent,  // the user agent
};

struct Rule {
  std::string id;
  std::string type;
  std::string title;
  int score = 5;
  Scope scope = Scope::any;
  std::vector<std::string> fields;    // empty: all that the filter looks at
  std::vector<std::string> literals;  // any; lower case
  std::string regex;
  std::vector<std::string> unless;
  std::vector<std::string> equals;  // whole values, also of numbers
  std::optional<Signal> detector;
  bool decode = true;
  std::string technique;  // "T1190"
  std::string technique_name;
  std::vector<std::string> category;  // event.category
  std::vector<std::string> references;
  Where where;
};

inline constexpr int kScoreMax = 10;
inline constexpr size_t kRulesMax = 10'000;
inline constexpr size_t kRuleFileBytesMax = size_t{8} << 20;

// Adds the rules of `text` to `rules` (one whose id is there already takes its place) and what is
// wrong to `errors`; `warnings` are for the log. `file` is what messages call the text.
void parse_rules(const std::string& text, const std::string& file, std::vector<Rule>& rules,
                 Errors& errors, std::vector<std::string>& warnings);
// The same for the rules that are part of the program, whose regexes a test has compiled.
void parse_shipped_rules(std::vector<Rule>& rules, Errors& errors);

// The rules that are part of the program (rules/threat.yml).
std::string_view shipped_rules();

}  // namespace penstock::threat
