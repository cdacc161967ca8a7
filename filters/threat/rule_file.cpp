#include "filters/threat/rule_file.h"

#include <re2/re2.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "filters/threat/literal_scanner.h"
#include "pipeline/base/text.h"

namespace penstock::threat {
namespace {

constexpr std::string_view kRuleKeys[] = {
    "id",        "type",           "title",    "score",      "scope",    "fields",
    "literals",  "regex",          "unless",   "equals",     "detector", "decode",
    "technique", "technique_name", "category", "references", "notes",    "enabled",
};
constexpr std::string_view kScopes[] = {"any", "value", "path", "agent"};

// The techniques that shipped rules name and what their types stand for in ECS, so that a rule
// need not say it each time.
struct TypeDefaults {
  std::string_view type, technique, technique_name, category;
};
constexpr TypeDefaults kTypes[] = {
    {"sql_injection", "T1190", "Exploit Public-Facing Application", "web,intrusion_detection"},
    {"xss", "T1059.007", "JavaScript", "web,intrusion_detection"},
    {"path_traversal", "T1083", "File and Directory Discovery", "web,intrusion_detection"},
    {"command_injection", "T1059", "Command and Scripting Interpreter", "web,intrusion_detection"},
    {"ssrf", "T1190", "Exploit Public-Facing Application", "web,intrusion_detection"},
    {"template_injection", "T1221", "Template Injection", "web,intrusion_detection"},
    {"log4shell", "T1190", "Exploit Public-Facing Application", "web,intrusion_detection"},
    {"web_shell", "T1505.003", "Web Shell", "web,intrusion_detection"},
    {"file_inclusion", "T1190", "Exploit Public-Facing Application", "web,intrusion_detection"},
    {"scanner", "T1595.002", "Vulnerability Scanning", "web,intrusion_detection"},
    {"authentication_failed", "T1110", "Brute Force", "authentication"},
    {"privilege_escalation", "T1548", "Abuse Elevation Control Mechanism", "iam"},
    {"brute_force", "T1110.001", "Password Guessing", "authentication,intrusion_detection"},
    {"password_spraying", "T1110.003", "Password Spraying", "authentication,intrusion_detection"},
    {"request_flood", "T1499", "Endpoint Denial of Service", "network,intrusion_detection"},
};

class Reader {
 public:
  Reader(const std::string& file, std::vector<Rule>& rules, Errors& errors,
         std::vector<std::string>& warnings, bool compile = true)
      : file_(file), rules_(rules), errors_(errors), warnings_(warnings), compile_(compile) {}

  // May throw YAML::Exception.
  void read(const std::string& text) {
    const YAML::Node root = YAML::Load(text);
    if (!root.IsMap() || !root["rules"]) return fail(root.Mark(), "expected a map with \"rules\"");
    for (const auto& entry : root) {
      const std::string key = entry.first.Scalar();
      if (key != "rules" && key != "version" && key != "description")
        unknown(entry.first, key,
                std::array<std::string_view, 3>{"rules", "version", "description"});
    }
    const YAML::Node list = root["rules"];
    if (!list.IsSequence()) return fail(list.Mark(), "rules: expected a list");
    for (const YAML::Node& node : list) {
      if (rules_.size() >= kRulesMax)
        return fail(node.Mark(), "more rules than the limit of " + std::to_string(kRulesMax));
      read_rule(node);
    }
  }

  void fail(const YAML::Mark& mark, std::string message) {
    errors_.push_back({Errc::bad_config, std::move(message), place(mark)});
  }

 private:
  Where place(const YAML::Mark& mark) const {
    if (mark.is_null()) return {file_, 1, 1};
    return {file_, static_cast<uint32_t>(mark.line + 1), static_cast<uint32_t>(mark.column + 1)};
  }

  void unknown(const YAML::Node& node, std::string_view key,
               std::span<const std::string_view> known) {
    std::string message = "unknown key \"" + std::string(key) + "\"";
    if (const std::string_view near = nearest(key, known); !near.empty())
      message += "; did you mean \"" + std::string(near) + "\"?";
    fail(node.Mark(), std::move(message));
  }

  void read_rule(const YAML::Node& node) {
    if (!node.IsMap()) return fail(node.Mark(), "a rule is a map (id, type, ...)");
    Rule rule;
    rule.where = place(node.Mark());
    const size_t errors_before = errors_.size();
    bool enabled = true;
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) {
        fail(entry.first.Mark(), "a key must be a word");
        continue;
      }
      const std::string key = entry.first.Scalar();
      if (!seen.insert(key).second) fail(entry.first.Mark(), "\"" + key + "\" is given twice");
      read_key(rule, key, entry.first, entry.second, enabled);
    }
    check(rule, node);
    if (errors_.size() != errors_before) return;
    const auto same =
        std::find_if(rules_.begin(), rules_.end(), [&](const Rule& r) { return r.id == rule.id; });
    if (same != rules_.end() && same->where.file == file_)
      return fail(node.Mark(), "the id \"" + rule.id + "\" is taken by the rule in line " +
                                   std::to_string(same->where.line));
    if (same != rules_.end()) {
      if (enabled)
        *same = std::move(rule);
      else
        rules_.erase(same);
    } else if (enabled) {
      rules_.push_back(std::move(rule));
    }
  }

  void read_key(Rule& rule, const std::string& key, const YAML::Node& name, const YAML::Node& value,
                bool& enabled) {
    if (key == "id")
      rule.id = text(value, key);
    else if (key == "type")
      rule.type = text(value, key);
    else if (key == "title")
      rule.title = text(value, key);
    else if (key == "score")
      read_score(rule, value);
    else if (key == "scope")
      read_scope(rule, value);
    else if (key == "fields")
      read_fields(rule, value);
    else if (key == "literals")
      read_literals(rule, value);
    else if (key == "regex")
      rule.regex = pattern(value, key);
    else if (key == "unless")
      for (const YAML::Node& item : items(value, key)) rule.unless.push_back(pattern(item, key));
    else if (key == "equals")
      rule.equals = texts(value, key);
    else if (key == "detector")
      read_detector(rule, value);
    else if (key == "decode")
      rule.decode = boolean(value, key, true);
    else if (key == "enabled")
      enabled = boolean(value, key, true);
    else if (key == "technique")
      rule.technique = text(value, key);
    else if (key == "technique_name")
      rule.technique_name = text(value, key);
    else if (key == "category")
      rule.category = texts(value, key);
    else if (key == "references")
      rule.references = texts(value, key);
    else if (key == "notes")
      text(value, key);
    else
      unknown(name, key, kRuleKeys);
  }

  std::string text(const YAML::Node& node, const std::string& key) {
    if (node.IsScalar()) return node.Scalar();
    fail(node.Mark(), key + ": expected a text");
    return {};
  }

  std::vector<YAML::Node> items(const YAML::Node& node, const std::string& key) {
    std::vector<YAML::Node> all;
    if (node.IsScalar()) return {node};
    if (!node.IsSequence())
      return fail(node.Mark(), key + ": expected a text or a list of texts"), all;
    for (const YAML::Node& item : node) {
      if (item.IsScalar())
        all.push_back(item);
      else
        fail(item.Mark(), key + ": expected a text");
    }
    return all;
  }

  std::vector<std::string> texts(const YAML::Node& node, const std::string& key) {
    std::vector<std::string> all;
    for (const YAML::Node& item : items(node, key)) all.push_back(item.Scalar());
    return all;
  }

  bool boolean(const YAML::Node& node, const std::string& key, bool fallback) {
    const std::string word = node.IsScalar() ? node.Scalar() : "";
    if (word == "true" || word == "yes") return true;
    if (word == "false" || word == "no") return false;
    fail(node.Mark(), key + ": expected true or false");
    return fallback;
  }

  void read_score(Rule& rule, const YAML::Node& node) {
    const auto score = node.IsScalar() ? parse_integer(node.Scalar()) : std::nullopt;
    if (!score || *score < 1 || *score > kScoreMax)
      return fail(node.Mark(), "score: expected a whole number from 1 to 10");
    rule.score = static_cast<int>(*score);
  }

  void read_scope(Rule& rule, const YAML::Node& node) {
    const std::string word = text(node, "scope");
    for (size_t i = 0; i < std::size(kScopes); ++i)
      if (kScopes[i] == word) return void(rule.scope = static_cast<Scope>(i));
    fail(node.Mark(), "scope: expected any, value, path or agent, got \"" + word + "\"");
  }

  // Fields go by their last name, at any depth.
  void read_fields(Rule& rule, const YAML::Node& node) {
    for (const YAML::Node& item : items(node, "fields")) {
      std::string name = item.Scalar();
      if (const size_t open = name.rfind('['); open != std::string::npos && name.ends_with(']'))
        name = name.substr(open + 1, name.size() - open - 2);
      if (name.empty())
        fail(item.Mark(), "fields: an empty name");
      else
        rule.fields.push_back(std::move(name));
    }
  }

  void read_literals(Rule& rule, const YAML::Node& node) {
    for (const YAML::Node& item : items(node, "literals")) {
      rule.literals.push_back(to_lower_ascii(item.Scalar()));
      if (rule.literals.back().size() < LiteralScanner::kLiteralBytesMin)
        fail(item.Mark(), "literals: \"" + item.Scalar() + "\" is too short; at least 2 bytes");
    }
  }

  std::string pattern(const YAML::Node& node, const std::string& key) {
    const std::string expression = text(node, key);
    if (!compile_) return expression;
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_encoding(re2::RE2::Options::EncodingLatin1);
    const re2::RE2 compiled(expression, options);
    if (!compiled.ok()) fail(node.Mark(), key + ": " + compiled.error());
    return expression;
  }

  void read_detector(Rule& rule, const YAML::Node& node) {
    const std::string name = text(node, "detector");
    for (size_t i = 0; i < kSignals; ++i)
      if (kSignalNames[i] == name) return void(rule.detector = static_cast<Signal>(i));
    std::string message = "detector: unknown \"" + name + "\"";
    if (const std::string_view near = nearest(name, kSignalNames); !near.empty())
      message += "; did you mean \"" + std::string(near) + "\"?";
    fail(node.Mark(), std::move(message));
  }

  void check(Rule& rule, const YAML::Node& node) {
    if (rule.id.empty()) fail(node.Mark(), "id is missing");
    if (rule.type.empty()) fail(node.Mark(), "type is missing");
    const bool matches = !rule.regex.empty() || !rule.literals.empty();
    if (!matches && !rule.detector && rule.equals.empty())
      fail(node.Mark(), "nothing to look for: give literals, regex, equals or detector");
    if (rule.detector && (matches || !rule.equals.empty()))
      fail(node.Mark(), "a rule with a detector has no literals, regex or equals");
    if (!rule.equals.empty() && rule.fields.empty())
      fail(node.Mark(), "equals needs fields: the whole value of which fields?");
    if (!rule.equals.empty() && matches)
      fail(node.Mark(), "equals stands alone, without literals or regex");
    if (!rule.regex.empty() && rule.literals.empty())
      warnings_.push_back(place(node.Mark()).text() + ": rule " + rule.id +
                          " has no literals, so its regex runs on every text; that is slow");
    for (const TypeDefaults& type : kTypes) {
      if (type.type != rule.type) continue;
      if (rule.technique.empty()) {
        rule.technique = type.technique;
        rule.technique_name = type.technique_name;
      }
      if (rule.category.empty()) rule.category = split(type.category);
    }
    if (rule.title.empty()) rule.title = rule.id;
  }

  static std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> parts;
    while (!list.empty()) {
      const size_t comma = std::min(list.find(','), list.size());
      parts.emplace_back(list.substr(0, comma));
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return parts;
  }

  const std::string& file_;
  std::vector<Rule>& rules_;
  Errors& errors_;
  std::vector<std::string>& warnings_;
  const bool compile_;  // regexes, to see whether they are right
};

// yaml-cpp throws; this is its only entry.
void read(Reader& reader, const std::string& text) {
  try {
    reader.read(text);
  } catch (const YAML::Exception& error) {
    reader.fail(error.mark, error.msg);
  }
}

}  // namespace

void parse_rules(const std::string& text, const std::string& file, std::vector<Rule>& rules,
                 Errors& errors, std::vector<std::string>& warnings) {
  if (text.size() > kRuleFileBytesMax) {
    errors.push_back({Errc::bad_config, "the rule file is larger than 8 MiB", {file, 1, 1}});
    return;
  }
  Reader reader(file, rules, errors, warnings);
  read(reader, text);
}

void parse_shipped_rules(std::vector<Rule>& rules, Errors& errors) {
  std::vector<std::string> warnings;
  const std::string file = "rules/threat.yml";
  Reader reader(file, rules, errors, warnings, false);
  read(reader, std::string(shipped_rules()));
}

}  // namespace penstock::threat
