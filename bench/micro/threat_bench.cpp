// What the threat filter's inspection of texts costs with the shipped rules: the strings of JSON
// log lines as a pipeline would hand them over, clean and with attacks. Usage:
//   threat_bench FILE.ndjson [rounds]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "filters/threat/rule_file.h"
#include "filters/threat/rule_set.h"
#include "pipeline/event/json_reader.h"

using namespace penstock;
using namespace penstock::threat;

namespace {

struct Text {
  std::string text;
  FieldKind kind;
};

FieldKind kind_of(std::string_view name) {
  if (name == "url") return FieldKind::url;
  return name == "user_agent" ? FieldKind::agent : FieldKind::text;
}

std::vector<std::vector<Text>> load(const char* path) {
  std::vector<std::vector<Text>> events;
  std::ifstream in(path);
  JsonReader reader;
  Arena arena;
  for (std::string line; std::getline(in, line) && events.size() < 200'000;) {
    Value value;
    if (reader.read(line, arena, value) != JsonReader::Outcome::ok || !value.is_object()) continue;
    auto& texts = events.emplace_back();
    for (const Member& member : value.entries())
      if (member.value.is_string())
        texts.push_back({std::string(member.value.view()), kind_of(member.name())});
  }
  return events;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: threat_bench FILE.ndjson [rounds]\n"), 2;
  std::vector<Rule> rules;
  Errors errors;
  std::vector<std::string> warnings;
  parse_rules(std::string(shipped_rules()), "rules/threat.yml", rules, errors, warnings);
  Inspector inspector(std::make_shared<const RuleSet>(rules));
  const auto events = load(argv[1]);
  std::vector<const std::vector<Text>*> clean, attacks;
  Findings findings;
  size_t bytes = 0;
  for (const auto& event : events) {
    findings.clear();
    for (const Text& t : event)
      inspector.inspect(t.text, t.kind, "", findings), bytes += t.text.size();
    (findings.empty() ? clean : attacks).push_back(&event);
  }
  std::printf("%zu events, %.0f bytes of text each, %zu with findings\n", events.size(),
              double(bytes) / double(events.size()), attacks.size());
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  for (const auto& [name, list] : {std::pair("clean", &clean), std::pair("attack", &attacks)}) {
    double best = 1e18;
    for (int round = 0; round < rounds && !list->empty(); ++round) {
      const std::clock_t begin = std::clock();  // processor time: a busy machine matters less
      for (const auto* event : *list) {
        findings.clear();
        for (const Text& t : *event) inspector.inspect(t.text, t.kind, "", findings);
      }
      const double took = 1e6 * double(std::clock() - begin) / double(CLOCKS_PER_SEC);
      best = std::min(best, took / double(list->size()));
    }
    if (!list->empty()) std::printf("%-7s %.3f us/event (best of %d)\n", name, best, rounds);
  }
}
