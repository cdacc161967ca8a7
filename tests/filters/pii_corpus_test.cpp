// Recall and false alarms on our own labelled corpus (tests/data/pii/, written by generate.py).
// docs/filters/pii.md has the table that this prints.
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "filters/pii/detector.h"
#include "pipeline/event/json_reader.h"
#include "tests/support/plugins.h"

namespace penstock::pii {
namespace {

std::vector<std::string> lines_of(const char* file) {
  std::ifstream in(std::string(PENSTOCK_SOURCE_DIR "/tests/data/pii/") + file);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

std::string masked(std::string_view text, EntitySet wanted, std::vector<Finding>& findings) {
  findings.clear();
  find_all(text, wanted, 0, findings);
  std::string out;
  size_t at = 0;
  for (const Finding& finding : findings) {
    out += text.substr(at, finding.begin - at);
    out += kEntityMasks[finding.kind];
    at = finding.end;
  }
  return out += text.substr(at);
}

struct Score {
  int total = 0, gone = 0, right = 0;
};

TEST(PiiCorpus, finds_nearly_all_of_every_entity) {
  const auto lines = lines_of("positives.jsonl");
  ASSERT_GT(lines.size(), 3000U);
  std::map<std::string, Score> scores;
  std::vector<Finding> findings;
  JsonReader reader;
  for (const std::string& line : lines) {
    Arena arena;
    Value row;
    ASSERT_EQ(reader.read(arena.copy(line), arena, row), JsonReader::Outcome::ok);
    const std::string entity(object_find(row, Name("entity"))->view());
    const std::string out = masked(object_find(row, Name("text"))->view(), kAllEntities, findings);
    Score& score = scores[entity];
    ++score.total;
    bool gone = true;
    for (const Value& value : object_find(row, Name("values"))->elements())
      gone &= out.find(value.view()) == std::string::npos;
    score.gone += gone;
    const std::string_view mask = kEntityMasks[static_cast<size_t>(*entity_named(entity))];
    score.right += gone && out.find(mask) != std::string::npos;
  }
  EXPECT_EQ(scores.size(), kEntities);
  for (const auto& [entity, score] : scores) {
    const double recall = static_cast<double>(score.gone) / score.total;
    const double right = static_cast<double>(score.right) / score.total;
    std::printf("%-24s %5d  recall %.4f  right entity %.4f\n", entity.c_str(), score.total, recall,
                right);
    EXPECT_GE(recall, 0.98) << entity;
    EXPECT_GE(right, 0.98) << entity;
  }
}

// The default set, and everything but addresses of machines (which such lines do hold).
TEST(PiiCorpus, leaves_benign_lines_alone) {
  const auto lines = lines_of("benign.log");
  ASSERT_GE(lines.size(), 10'000U);
  for (const EntitySet wanted : {kDefaultEntities, kAllEntities & ~bit(Entity::ip_address)}) {
    int alarms = 0;
    std::vector<Finding> findings;
    for (const std::string& line : lines) {
      const std::string out = masked(line, wanted, findings);
      if (findings.empty()) continue;
      ++alarms;
      std::printf("false alarm: %s\n", out.c_str());
    }
    EXPECT_LE(alarms, 5) << "per " << lines.size() << " lines";
  }
}

TEST(PiiCorpus, a_second_scrubbing_finds_nothing_new) {
  std::vector<Finding> findings;
  for (const std::string& line : lines_of("positives.jsonl")) {
    const std::string once = masked(line, kAllEntities, findings);
    EXPECT_EQ(masked(once, kAllEntities, findings), once) << line;
  }
}

}  // namespace
}  // namespace penstock::pii
