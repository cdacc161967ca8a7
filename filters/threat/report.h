// Findings to fields: which types they amount to, and what is written into the event.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "filters/threat/rule_set.h"
#include "pipeline/event/event.h"
#include "pipeline/metrics/scope.h"

namespace penstock::threat {

struct ReportSettings {
  int min_score = 5;
  std::optional<FieldRef> target;
  std::string tag;
  bool ecs = true;
};

// One per worker. The RuleSet outlives it.
class Reporter {
 public:
  Reporter(const RuleSet& rules, ReportSettings settings, MetricScope* metrics);

  // Does what was found so far amount to this type?
  bool amounts_to(const Findings& findings, std::string_view type);
  // Writes the fields; false, and nothing written, when no type reaches the least score.
  bool write(const Findings& findings, Event& event);

 private:
  struct TypeScore {
    uint32_t type;
    int best;
    int score;
  };
  void rank(const Findings& findings);
  FieldRef place(std::string_view name) const;
  void write_ecs(const Findings& findings, Event& event) const;
  void append_missing(Event& event, const FieldRef& field, std::string_view text) const;
  bool reported(uint32_t rule) const;

  const RuleSet& rules_;
  ReportSettings settings_;
  std::vector<std::string> types_;
  std::vector<uint32_t> type_of_;  // by rule
  std::vector<TypeScore> ranked_;  // those that reach the least score, highest first
  std::deque<Counter> type_counts_;
  std::deque<Counter> rule_counts_;
  FieldRef security_event_, threat_type_, threat_types_, threat_score_, threat_rules_;
  FieldRef technique_id_, technique_name_, framework_, event_kind_, event_category_;
};

}  // namespace penstock::threat
