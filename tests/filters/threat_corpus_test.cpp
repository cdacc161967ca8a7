// Recall and false alarms on our own labelled corpora (tests/data/threat), each payload in several
// carriers and encodings. The bars are floors: raise them when the detectors get better.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>

#include "filters/threat/rule_file.h"
#include "filters/threat/rule_set.h"

namespace penstock::threat {
namespace {

constexpr int kScoreReported = 5;

struct Case {
  std::string text;
  FieldKind kind;
};

std::string url_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (std::isalnum(byte) || std::string_view("-_.~").find(c) != std::string_view::npos) {
      out.push_back(c);
      continue;
    }
    char escape[4];
    std::snprintf(escape, sizeof escape, "%%%02X", byte);
    out += escape;
  }
  return out;
}

std::string upper_every_other(std::string_view text) {
  std::string out(text);
  for (size_t i = 0; i < out.size(); i += 2)
    out[i] = static_cast<char>(std::toupper(static_cast<uint8_t>(out[i])));
  return out;
}

std::string json_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

// The ways in which a client's value comes to a log.
std::vector<Case> carriers(const std::string& value) {
  const std::string encoded = url_encoded(value);
  const std::string access =
      "203.0.113.9 - - [21/Nov/2026:10:00:00 +0000] \"GET /app/page?file=" + encoded +
      " HTTP/1.1\" 200 512 \"-\" \"Mozilla/5.0\"";
  return {{value, FieldKind::request},
          {"/app/page?q=" + encoded, FieldKind::url},
          {"file=" + encoded + "&page=2", FieldKind::request},
          {access, FieldKind::text},
          {"/app/page?q=" + url_encoded(encoded) + "&x=1", FieldKind::url},
          {"{\"id\":4,\"path\":\"" + json_escaped(value) + "\"}", FieldKind::request}};
}

std::vector<std::string> lines_of(const std::string& name) {
  std::ifstream in(std::string(PENSTOCK_SOURCE_DIR "/tests/data/threat/") + name);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

class ThreatCorpus : public testing::Test {
 protected:
  ThreatCorpus() {
    Errors errors;
    std::vector<std::string> warnings;
    parse_rules(std::string(shipped_rules()), "rules/threat.yml", rules_, errors, warnings);
    inspector_ = std::make_unique<Inspector>(std::make_shared<const RuleSet>(rules_));
  }

  // The types that reach the reported score, and the rules' ids for messages.
  std::map<std::string, int> types_of(const Case& one, std::string& ids) {
    Findings findings;
    inspector_->inspect(one.text, one.kind, "message", findings);
    std::map<std::string, int> types;
    ids.clear();
    for (const uint32_t number : findings.rules()) {
      const Rule& rule = rules_[number];
      ids += rule.id + " ";
      if (rule.score >= kScoreReported) types[rule.type] = std::max(types[rule.type], rule.score);
    }
    return types;
  }

  std::vector<Rule> rules_;
  std::unique_ptr<Inspector> inspector_;
};

TEST_F(ThreatCorpus, recognizes_attacks_in_every_carrier) {
  struct Score {
    int cases = 0, right = 0, any = 0;
  };
  std::map<std::string, Score> scores;
  std::string type, ids, missed;
  for (const std::string& line : lines_of("attacks.txt")) {
    if (line.starts_with("# ")) {
      type = line.substr(2);
      continue;
    }
    std::vector<Case> cases = carriers(line);
    if (type != "file_inclusion" && type != "path_traversal")
      cases.push_back({upper_every_other(line), FieldKind::request});
    for (const Case& one : cases) {
      const auto types = types_of(one, ids);
      Score& score = scores[type];
      ++score.cases;
      score.any += !types.empty();
      score.right += types.count(type) ? 1 : 0;
      if (!types.count(type)) missed += "  " + type + " [" + ids + "] " + one.text + "\n";
    }
  }
  std::printf("%-20s %6s %8s %8s\n", "type", "cases", "right", "any");
  for (const auto& [name, score] : scores) {
    if (name.find(' ') != std::string::npos) continue;
    std::printf("%-20s %6d %7.1f%% %7.1f%%\n", name.c_str(), score.cases,
                100.0 * score.right / score.cases, 100.0 * score.any / score.cases);
    EXPECT_GE(score.right * 100, score.cases * 90) << name << "\n" << missed;
  }
  if (std::getenv("THREAT_MISSED")) std::printf("%s", missed.c_str());
}

TEST_F(ThreatCorpus, keeps_quiet_about_look_alikes) {
  int cases = 0, alarms = 0;
  std::string ids;
  for (const std::string& line : lines_of("benign.txt")) {
    std::vector<Case> all;
    if (line.starts_with("= ")) {
      const std::string value = line.substr(2);
      all = {{value, FieldKind::request},
             {"/search?q=" + url_encoded(value) + "&page=2", FieldKind::url},
             {"{\"text\":\"" + json_escaped(value) + "\"}", FieldKind::request}};
    } else {
      all = {{line, FieldKind::text}};
    }
    for (const Case& one : all) {
      ++cases;
      const auto types = types_of(one, ids);
      if (types.empty()) continue;
      ++alarms;
      std::printf("false alarm: [%s] %s\n", ids.c_str(), one.text.c_str());
    }
  }
  std::printf("benign: %d cases, %d alarms\n", cases, alarms);
  EXPECT_LE(alarms, cases / 100);
}

}  // namespace
}  // namespace penstock::threat
