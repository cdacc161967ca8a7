#include <gtest/gtest.h>

#include "filters/threat/rule_file.h"
#include "filters/threat/rule_set.h"

namespace penstock::threat {
namespace {

struct Parsed {
  std::vector<Rule> rules;
  Errors errors;
  std::vector<std::string> warnings;

  std::string errors_text() const {
    std::string out;
    for (const Error& error : errors) out += error.text() + "\n";
    return out;
  }
};

Parsed parse(const std::string& text) {
  Parsed parsed;
  parse_rules(text, "my.yml", parsed.rules, parsed.errors, parsed.warnings);
  return parsed;
}

TEST(ThreatRules, shipped_rules_have_no_fault) {
  Parsed parsed;
  parse_rules(std::string(shipped_rules()), "rules/threat.yml", parsed.rules, parsed.errors,
              parsed.warnings);
  EXPECT_EQ(parsed.errors_text(), "");
  EXPECT_TRUE(parsed.warnings.empty());
  EXPECT_GT(parsed.rules.size(), 60U);
  for (const Rule& rule : parsed.rules) {
    EXPECT_FALSE(rule.technique.empty()) << rule.id;
    EXPECT_FALSE(rule.category.empty()) << rule.id;
  }
}

TEST(ThreatRules, every_fault_has_its_place) {
  const Parsed parsed = parse(
      "rules:\n"
      "  - id: a\n"
      "    type: xss\n"
      "    regexp: x\n"
      "  - id: b\n"
      "    type: xss\n"
      "    regex: '('\n"
      "    score: 11\n"
      "  - title: c\n"
      "    detector: sql.unon\n");
  const std::string errors = parsed.errors_text();
  EXPECT_NE(errors.find("my.yml:4:5: unknown key \"regexp\"; did you mean \"regex\"?"),
            std::string::npos)
      << errors;
  EXPECT_NE(errors.find("my.yml:7:12: regex: missing )"), std::string::npos) << errors;
  EXPECT_NE(errors.find("my.yml:8:12: score"), std::string::npos) << errors;
  EXPECT_NE(errors.find("id is missing"), std::string::npos) << errors;
  EXPECT_NE(errors.find("did you mean \"sql.union\"?"), std::string::npos) << errors;
  EXPECT_TRUE(parsed.rules.empty());
}

TEST(ThreatRules, bad_yaml_is_an_error_with_its_line) {
  const Parsed parsed = parse("rules:\n  - id: \"a\n");
  ASSERT_FALSE(parsed.errors.empty());
  EXPECT_GE(parsed.errors[0].where.line, 2U);
  EXPECT_EQ(parse("").errors.size(), 1U);
  EXPECT_EQ(parse("rules: 3").errors.size(), 1U);
}

TEST(ThreatRules, a_rule_without_literals_is_allowed_and_warned_about) {
  const Parsed parsed = parse("rules:\n  - {id: a, type: mine, regex: 'x+'}\n");
  EXPECT_EQ(parsed.errors_text(), "");
  ASSERT_EQ(parsed.warnings.size(), 1U);
  EXPECT_NE(parsed.warnings[0].find("slow"), std::string::npos);
}

TEST(ThreatRules, a_later_file_replaces_and_removes_rules) {
  Parsed parsed =
      parse("rules:\n  - {id: a, type: t, literals: one}\n  - {id: b, type: t, literals: two}\n");
  parse_rules(
      "rules:\n  - {id: a, type: u, literals: other}\n  - {id: b, type: t, literals: two, enabled: "
      "false}\n",
      "later.yml", parsed.rules, parsed.errors, parsed.warnings);
  EXPECT_EQ(parsed.errors_text(), "");
  ASSERT_EQ(parsed.rules.size(), 1U);
  EXPECT_EQ(parsed.rules[0].type, "u");
}

TEST(ThreatRules, the_same_id_twice_in_a_file_is_an_error) {
  EXPECT_NE(
      parse("rules:\n  - {id: a, type: t, literals: one}\n  - {id: a, type: t, literals: two}\n")
          .errors_text()
          .find("line 2"),
      std::string::npos);
}

std::vector<std::string> fired(const std::string& rules, std::string_view text,
                               FieldKind kind = FieldKind::text,
                               std::string_view field = "message") {
  Parsed parsed = parse(rules);
  EXPECT_EQ(parsed.errors_text(), "");
  Inspector inspector(std::make_shared<const RuleSet>(parsed.rules));
  Findings findings;
  inspector.inspect(text, kind, field, findings);
  std::vector<std::string> ids;
  for (const uint32_t rule : findings.rules()) ids.push_back(parsed.rules[rule].id);
  return ids;
}

using Ids = std::vector<std::string>;

TEST(ThreatRules, literals_alone_match_whatever_the_case) {
  const std::string rules = "rules:\n  - {id: a, type: t, literals: [Needle, other]}\n";
  EXPECT_EQ(fired(rules, "a NEEDLE in hay"), Ids{"a"});
  EXPECT_EQ(fired(rules, "a %6eeedle in hay"), Ids{"a"});
  EXPECT_EQ(fired(rules, "hay"), Ids{});
}

TEST(ThreatRules, unless_suppresses) {
  const std::string rules =
      "rules:\n  - {id: a, type: t, literals: needle, regex: 'needle \\d', unless: ['^test']}\n";
  EXPECT_EQ(fired(rules, "needle 5"), Ids{"a"});
  EXPECT_EQ(fired(rules, "test: needle 5"), Ids{});
  EXPECT_EQ(fired(rules, "needle x"), Ids{});
}

TEST(ThreatRules, fields_and_scope_limit_where_a_rule_looks) {
  const std::string by_field =
      "rules:\n  - {id: a, type: t, literals: needle, fields: ['[x][code]']}\n";
  EXPECT_EQ(fired(by_field, "needle", FieldKind::text, "code"), Ids{"a"});
  EXPECT_EQ(fired(by_field, "needle", FieldKind::text, "message"), Ids{});
  const std::string by_scope = "rules:\n  - {id: a, type: t, literals: needle, scope: path}\n";
  EXPECT_EQ(fired(by_scope, "/needle?x=1", FieldKind::url), Ids{"a"});
  EXPECT_EQ(fired(by_scope, "/hay?x=needle", FieldKind::url), Ids{});
}

TEST(ThreatRules, decode_false_looks_at_the_text_as_received) {
  const std::string rules = "rules:\n  - {id: a, type: t, literals: needle, decode: false}\n";
  EXPECT_EQ(fired(rules, "%6eeedle"), Ids{});
}

}  // namespace
}  // namespace penstock::threat
