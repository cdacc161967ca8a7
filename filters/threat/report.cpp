#include "filters/threat/report.h"

#include <algorithm>

namespace penstock::threat {

Reporter::Reporter(const RuleSet& rules, ReportSettings settings, MetricScope* metrics)
    : rules_(rules),
      settings_(std::move(settings)),
      security_event_(place("security_event")),
      threat_type_(place("threat_type")),
      threat_types_(place("threat_types")),
      threat_score_(place("threat_score")),
      threat_rules_(place("threat_rules")),
      technique_id_(FieldRef::of("[threat][technique][id]")),
      technique_name_(FieldRef::of("[threat][technique][name]")),
      framework_(FieldRef::of("[threat][framework]")),
      event_kind_(FieldRef::of("[event][kind]")),
      event_category_(FieldRef::of("[event][category]")) {
  for (const Rule& rule : rules_.rules()) {
    const auto at = std::find(types_.begin(), types_.end(), rule.type);
    type_of_.push_back(static_cast<uint32_t>(at - types_.begin()));
    if (at == types_.end()) types_.push_back(rule.type);
  }
  for (const std::string& type : types_) {
    const Counter& counter = type_counts_.emplace_back();
    if (metrics)
      metrics->counter("threat_events_total", "Events tagged, by type of threat.",
                       {{"threat_type", type}}, counter);
  }
  for (const Rule& rule : rules_.rules()) {
    const Counter& counter = rule_counts_.emplace_back();
    if (metrics)
      metrics->counter("threat_rule_hits_total", "Events in which a rule fired.",
                       {{"rule", rule.id}}, counter);
  }
}

FieldRef Reporter::place(std::string_view name) const {
  const std::string parent = settings_.target ? settings_.target->text() : "";
  return FieldRef::of(parent + "[" + std::string(name) + "]");
}

// A type scores as its best rule, and one more for each further rule, up to the most there is.
void Reporter::rank(const Findings& findings) {
  ranked_.clear();
  for (const uint32_t rule : findings.rules()) {
    const int score = rules_.rules()[rule].score;
    const auto same = std::find_if(ranked_.begin(), ranked_.end(),
                                   [&](const TypeScore& t) { return t.type == type_of_[rule]; });
    if (same == ranked_.end()) {
      ranked_.push_back({type_of_[rule], score, score});
    } else {
      const int more = same->score - same->best + 1;
      same->best = std::max(same->best, score);
      same->score = std::min(kScoreMax, same->best + more);
    }
  }
  std::erase_if(ranked_, [&](const TypeScore& t) { return t.score < settings_.min_score; });
  std::stable_sort(ranked_.begin(), ranked_.end(), [](const TypeScore& a, const TypeScore& b) {
    return a.best != b.best ? a.best > b.best : a.score > b.score;
  });
}

bool Reporter::amounts_to(const Findings& findings, std::string_view type) {
  rank(findings);
  for (const TypeScore& t : ranked_)
    if (types_[t.type] == type) return true;
  return false;
}

bool Reporter::reported(uint32_t rule) const {
  for (const TypeScore& t : ranked_)
    if (t.type == type_of_[rule]) return true;
  return false;
}

bool Reporter::write(const Findings& findings, Event& event) {
  rank(findings);
  if (ranked_.empty()) return false;
  int score = 0;
  for (const TypeScore& t : ranked_) score = std::max(score, t.score);
  Value rules = Value::array();
  for (const uint32_t rule : findings.rules()) {
    if (!reported(rule)) continue;
    rule_counts_[rule].add();
    array_append(event.arena(), rules, event.string(rules_.rules()[rule].id));
  }
  // set() refuses only when the target's parent is a scalar; then the fields have no place.
  (void)event.set(security_event_, Value::boolean(true));
  (void)event.set(threat_type_, event.string(types_[ranked_[0].type]));
  (void)event.set(threat_score_, Value::of_integer(score));
  (void)event.set(threat_rules_, rules);
  if (ranked_.size() > 1) {
    Value types = Value::array();
    for (const TypeScore& t : ranked_)
      array_append(event.arena(), types, event.string(types_[t.type]));
    (void)event.set(threat_types_, types);
  }
  for (const TypeScore& t : ranked_) type_counts_[t.type].add();
  if (settings_.ecs) write_ecs(findings, event);
  if (!settings_.tag.empty()) event.tag(settings_.tag);
  return true;
}

void Reporter::write_ecs(const Findings& findings, Event& event) const {
  for (const uint32_t number : findings.rules()) {
    if (!reported(number)) continue;
    const Rule& rule = rules_.rules()[number];
    if (!rule.technique.empty()) append_missing(event, technique_id_, rule.technique);
    if (!rule.technique_name.empty()) append_missing(event, technique_name_, rule.technique_name);
    for (const std::string& category : rule.category)
      append_missing(event, event_category_, category);
  }
  if (!event.find(framework_)) (void)event.set(framework_, event.string("MITRE ATT&CK"));
  append_missing(event, event_kind_, "alert");
}

// What is there stays; a single value becomes a list.
void Reporter::append_missing(Event& event, const FieldRef& field, std::string_view text) const {
  Value* const held = event.find(field);
  if (!held || held->is_null()) {
    Value list = Value::array();
    array_append(event.arena(), list, event.string(text));
    (void)event.set(field, list);
    return;
  }
  if (!held->is_array()) {
    if (held->is_string() && held->view() == text) return;
    Value list = Value::array();
    array_append(event.arena(), list, *held);
    array_append(event.arena(), list, event.string(text));
    (void)event.set(field, list);
    return;
  }
  for (const Value& item : held->elements())
    if (item.is_string() && item.view() == text) return;
  array_append(event.arena(), *held, event.string(text));
}

}  // namespace penstock::threat
