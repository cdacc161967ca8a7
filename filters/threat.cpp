#include "filters/threat.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "filters/threat/field_table.h"
#include "filters/threat/report.h"
#include "filters/threat/rule_file.h"
#include "filters/threat/rule_set.h"
#include "filters/threat/watch.h"
#include "pipeline/base/log.h"
#include "pipeline/base/text.h"

namespace penstock {
namespace {

using namespace threat;

constexpr std::string_view kTimes[] = {"event", "clock"};

constexpr Option kOptions[] = {
    {"fields", OptionType::fields, "",
     "The fields to look at, with all that is in them; all fields when unset."},
    {"except", OptionType::fields, "", "Fields not to look at."},
    {"rules", OptionType::strings, "",
     "Files with rules of your own, added to the shipped ones; a rule with the id of an earlier "
     "one "
     "takes its place."},
    {"shipped_rules", OptionType::boolean, "true",
     "Whether the rules that come with Penstock are used."},
    {"disable", OptionType::strings, "", "Ids or types of rules not to use."},
    {"min_score", OptionType::integer, "5",
     "The least score, from 1 to 10, that makes a security event."},
    {"target", OptionType::field, "",
     "The field to put security_event and the threat_ fields in; the event itself when unset."},
    {"tag", OptionType::string, "", "A tag for security events."},
    {"ecs_fields", OptionType::boolean, "true",
     "Whether to add threat.technique, threat.framework, event.kind and event.category."},
    {"source_fields", OptionType::fields,
     "[\"client_ip\", \"clientip\", \"[source][ip]\", \"[source][address]\", \"[client][ip]\", "
     "\"remote_addr\", \"remote_ip\", \"remote_host\", \"ip_address\", \"ip\", \"src_ip\"]",
     "Where the source of a login or request is found; the first that is there counts."},
    {"user_fields", OptionType::fields,
     "[\"[user][name]\", \"username\", \"user\", \"login\", \"email\", \"user_id\"]",
     "Where the user of a login is found; the first that is there counts."},
    {"brute_force_threshold", OptionType::integer, "10",
     "Failed logins from one source within brute_force_window that make brute_force; 0 is off."},
    {"brute_force_window", OptionType::duration, "60", "The window for brute_force."},
    {"spraying_threshold", OptionType::integer, "8",
     "Different users, at most 32, with failed logins from one source within spraying_window that "
     "make password_spraying; 0 is off."},
    {"spraying_window", OptionType::duration, "300", "The window for password_spraying."},
    {"flood_threshold", OptionType::integer, "1000",
     "Requests from one source within flood_window that make request_flood; 0 is off."},
    {"flood_window", OptionType::duration, "60", "The window for request_flood."},
    {"max_keys", OptionType::integer, "16384",
     "How many sources are remembered at most; the one not seen for longest is forgotten first."},
    {"time", OptionType::choice, "event",
     "Whether windows go by the events' @timestamp or by the clock.", false, kTimes},
};

constexpr int64_t kKeysMax = 1 << 22;
constexpr int64_t kWindowMsMax = 7LL * 24 * 3600 * 1000;

struct Config {
  std::vector<FieldRef> fields, except, source_fields, user_fields;
  bool event_time = true;
};

// A name of an IP address or host that follows one of the usual words of a login's log line.
std::string_view word_after(std::string_view text, std::span<const std::string_view> leads) {
  for (const std::string_view lead : leads) {
    const size_t at = text.find(lead);
    if (at == std::string_view::npos) continue;
    std::string_view rest = text.substr(at + lead.size());
    if (rest.starts_with('"') || rest.starts_with('\'')) rest.remove_prefix(1);
    const size_t end = rest.find_first_of(" ,;\"')]\t\n");
    if (const std::string_view word = rest.substr(0, end); !word.empty()) return word;
  }
  return {};
}

constexpr std::string_view kSourceLeads[] = {
    "rhost=", " from ", "client: ", "ip=", "IP: ", "addr=", "src=", "[client "};
constexpr std::string_view kUserLeads[] = {
    "invalid user ", "illegal user ", "Invalid user ",  "Illegal user ", "authenticating user ",
    " user=",        "password for ", "publickey for ", "username=",     "user \"",
    "user '",        "acct=",         "for user ",      "login: "};

class Threat : public Filter {
 public:
  Threat(std::shared_ptr<const RuleSet> rules, std::shared_ptr<const Watch> watch, Config config,
         ReportSettings report, const Context& context)
      : rules_(rules),
        watch_(std::move(watch)),
        config_(std::move(config)),
        inspector_(rules),
        reporter_(*rules_, std::move(report), context.metrics),
        clock_(*context.clock),
        message_(FieldRef::of("message")) {
    for (uint32_t i = 0; i < rules_->rules().size(); ++i) {
      const Rule& rule = rules_->rules()[i];
      if (rule.equals.empty()) continue;
      whole_.push_back(i);
      for (const std::string& field : rule.fields) table_.compare_whole(field);
    }
  }

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows)
      if (inspect(batch[row])) matched.push_back(row);
  }

 private:
  bool inspect(Event& event) {
    findings_.clear();
    excepted_.clear();
    request_ = false;
    for (const FieldRef& field : config_.except)
      if (const Value* value = event.find(field)) excepted_.push_back(value);
    if (config_.fields.empty()) {
      look_at_members(event.root(), FieldKind::text);
    } else {
      for (const FieldRef& field : config_.fields) look_at_field(event, field);
    }
    watch(event);
    return !findings_.empty() && reporter_.write(findings_, event);
  }

  void look_at_field(const Event& event, const FieldRef& field) {
    const Value* value = event.find(field);
    if (!value || field.segments().empty()) return;
    FieldKind kind = FieldKind::text;
    for (const FieldRef::Segment& segment : field.segments())
      if (const FieldUse use = table_.find(segment.hash); !use.inherits) kind = use.kind;
    const FieldRef::Segment& last = field.segments().back();
    look_at(*value, last.text, kind, table_.find(last.hash).equals);
  }

  void look_at_members(const Value& object, FieldKind kind) {
    for (const Member& member : object.entries()) {
      if (member.value.kind == Kind::string && member.value.flags & Value::kInert) continue;
      const FieldUse use = table_.find(member.hash);
      if (use.skip || (member.value.kind < Kind::string && !use.equals)) continue;
      look_at(member.value, member.name(), use.inherits ? kind : use.kind, use.equals);
    }
  }

  // `equals`: a rule compares the whole value.
  void look_at(const Value& value, std::string_view name, FieldKind kind, bool equals) {
    if (value.is_string()) {
      if (value.flags & Value::kInert || excepted(value)) return;
      request_ = request_ || kind == FieldKind::url;
      inspector_.inspect(value.view(), kind, name, findings_);
    } else if (value.is_object()) {
      if (!excepted(value)) look_at_members(value, kind);
      return;
    } else if (value.is_array()) {
      if (excepted(value)) return;
      for (const Value& item : value.elements()) look_at(item, name, kind, equals);
      return;
    }
    if (equals) compare_whole(value, name);
  }

  // The values of `except` are found once per event, by place, so that the walk compares nothing
  // but addresses.
  bool excepted(const Value& value) const {
    return !excepted_.empty() &&
           std::find(excepted_.begin(), excepted_.end(), &value) != excepted_.end();
  }

  void compare_whole(const Value& value, std::string_view name) {
    char digits[24];
    std::string_view text;
    if (value.kind == Kind::string || value.kind == Kind::raw_number) {
      text = value.view();
    } else if (value.kind == Kind::integer) {
      const auto end = std::to_chars(digits, digits + sizeof digits, value.integer).ptr;
      text = {digits, static_cast<size_t>(end - digits)};
    } else {
      return;
    }
    for (const uint32_t number : whole_) {
      const Rule& rule = rules_->rules()[number];
      if (std::find(rule.fields.begin(), rule.fields.end(), name) == rule.fields.end()) continue;
      if (std::find(rule.equals.begin(), rule.equals.end(), text) != rule.equals.end())
        findings_.add(number);
    }
  }

  void watch(const Event& event) {
    const WatchSettings& settings = watch_->settings();
    const bool logins = settings.brute_force.threshold || settings.spraying.threshold;
    const bool failed =
        logins && !findings_.empty() && reporter_.amounts_to(findings_, "authentication_failed");
    const bool counted = request_ && settings.flood.threshold;
    if (!failed && !counted) return;
    std::string_view source = first_of(event, config_.source_fields);
    const int64_t now = now_ms(event);
    if (counted && !source.empty() && watch_->request(source, now)) add(Signal::state_flood);
    if (failed) watch_login(event, source, now);
  }

  void watch_login(const Event& event, std::string_view source, int64_t now) {
    const Value* message = event.find(message_);
    const std::string_view text = message && message->is_string() ? message->view() : "";
    if (source.empty()) source = word_after(text, kSourceLeads);
    if (source.empty()) return;
    std::string_view user = first_of(event, config_.user_fields);
    if (user.empty()) user = word_after(text, kUserLeads);
    const Watch::Verdict verdict = watch_->failed_login(source, user, now);
    if (verdict.brute_force) add(Signal::state_brute_force);
    if (verdict.spraying) add(Signal::state_spraying);
  }

  void add(Signal signal) {
    for (const uint32_t rule : rules_->rules_of(signal)) findings_.add(rule);
  }

  static std::string_view first_of(const Event& event, const std::vector<FieldRef>& fields) {
    for (const FieldRef& field : fields)
      if (const Value* value = event.find(field); value && value->is_string() && value->size > 0)
        return value->view();
    return {};
  }

  int64_t now_ms(const Event& event) const {
    const Value* stamp = config_.event_time ? event.timestamp() : nullptr;
    const Instant now = stamp ? stamp->instant() : clock_.now();
    return now.seconds * 1000 + now.nanoseconds / 1'000'000;
  }

  std::shared_ptr<const RuleSet> rules_;
  std::shared_ptr<const Watch> watch_;
  Config config_;
  Inspector inspector_;
  Reporter reporter_;
  const Clock& clock_;
  FieldRef message_;
  FieldTable table_;
  std::vector<uint32_t> whole_;  // rules with `equals`
  std::vector<const Value*> excepted_;
  Findings findings_;
  bool request_ = false;  // the event has a URL
};

// Every fault of every rule, one per line; the place of the first is the error's.
Error all_errors(const Errors& errors) {
  Error all = errors.front();
  for (size_t i = 1; i < errors.size(); ++i) all.message += "\n" + errors[i].text();
  return all;
}

Result<std::vector<Rule>> load_rules(const Settings& settings) {
  std::vector<Rule> rules;
  Errors errors;
  std::vector<std::string> warnings;
  if (settings.boolean("shipped_rules")) parse_shipped_rules(rules, errors);
  for (const std::string& path : settings.strings("rules")) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
      errors.push_back(settings.error("rules", path + ": " + errno_text(errno)));
      continue;
    }
    parse_rules({std::istreambuf_iterator<char>(in), {}}, path, rules, errors, warnings);
  }
  if (!errors.empty()) return all_errors(errors);
  for (const std::string& warning : warnings) log::warn("threat", "{}", warning);
  for (const std::string& name : settings.strings("disable")) {
    const auto before = rules.size();
    std::erase_if(rules, [&](const Rule& rule) { return rule.id == name || rule.type == name; });
    if (rules.size() != before) continue;
    std::vector<std::string_view> known;
    for (const Rule& rule : rules) known.push_back(rule.id), known.push_back(rule.type);
    const std::string_view near = nearest(name, known);
    return settings.error(
        "disable",
        "no rule has the id or type \"" + name + "\"" +
            (near.empty() ? std::string() : "; did you mean \"" + std::string(near) + "\"?"));
  }
  return rules;
}

Result<WatchLimits> read_limits(const Settings& settings, const char* threshold, const char* window,
                                int64_t most) {
  const int64_t count = settings.integer(threshold);
  const int64_t window_ms = settings.milliseconds(window);
  if (count < 0 || count > most)
    return settings.error(threshold, "must be 0 to " + std::to_string(most));
  if (window_ms < 1000 || window_ms > kWindowMsMax)
    return settings.error(window, "must be 1 second to 7 days");
  return WatchLimits{static_cast<uint32_t>(count), window_ms};
}

Result<WatchSettings> read_watch(const Settings& settings) {
  WatchSettings watch;
  TRY(watch.brute_force,
      read_limits(settings, "brute_force_threshold", "brute_force_window", 60'000));
  TRY(watch.spraying, read_limits(settings, "spraying_threshold", "spraying_window", kUsersMax));
  TRY(watch.flood, read_limits(settings, "flood_threshold", "flood_window", 60'000));
  const int64_t keys = settings.integer("max_keys");
  if (keys < 8 || keys > kKeysMax) return settings.error("max_keys", "must be 8 to 4194304");
  watch.keys_max = static_cast<size_t>(keys);
  return watch;
}

Result<std::unique_ptr<Filter>> make(const Settings& settings, const Context& context) {
  TRY(std::vector<Rule> list, load_rules(settings));
  TRY(const WatchSettings watch_settings, read_watch(settings));
  ReportSettings report;
  report.min_score = static_cast<int>(settings.integer("min_score"));
  if (report.min_score < 1 || report.min_score > kScoreMax)
    return settings.error("min_score", "must be 1 to 10");
  if (settings.has("target")) report.target = settings.field("target");
  report.tag = settings.string("tag");
  report.ecs = settings.boolean("ecs_fields");

  // The workers of one plugin share what is compiled and what is counted.
  std::string key = context.pipeline_id + "/" + context.plugin_id + "/";
  for (const Rule& rule : list) key += rule.id + " " + rule.regex + " ";
  const auto compile = [&]() -> Result<std::shared_ptr<const RuleSet>> {
    return std::shared_ptr<const RuleSet>(std::make_shared<RuleSet>(std::move(list)));
  };
  const auto count = [&]() -> Result<std::shared_ptr<const Watch>> {
    return std::shared_ptr<const Watch>(std::make_shared<Watch>(watch_settings));
  };
  TRY(std::shared_ptr<const RuleSet> rules,
      context.resources->get<RuleSet>("threat rules " + key, compile));
  TRY(std::shared_ptr<const Watch> watch,
      context.resources->get<Watch>("threat watch " + key, count));
  Config config{settings.fields("fields"), settings.fields("except"),
                settings.fields("source_fields"), settings.fields("user_fields"),
                settings.string("time") == "event"};
  return std::unique_ptr<Filter>(std::make_unique<Threat>(
      std::move(rules), std::move(watch), std::move(config), std::move(report), context));
}

}  // namespace

FilterPlugin threat_filter() {
  return {{"threat",
           "Recognizes attacks, failed logins and other security events, also behind encodings, "
           "and tags them.",
           kOptions, "", true},
          make};
}

}  // namespace penstock
