// The order of things is that of logstash-filter-grok (match, match_against_groks, handle): fields
// as they are written, for each its patterns, the first match ends it all unless break_on_match is
// off; captures are set name by name in the order of the expression.
#include "filters/grok.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "filters/grok/expression.h"
#include "filters/support/set_field.h"
#include "pipeline/base/text.h"
#include "pipeline/config/declare.h"
#include "pipeline/patterns/files.h"

namespace penstock {
namespace {

constexpr std::string_view kScopes[] = {"pattern", "event"};

// A longer timeout_millis counts as this: nothing may hold a worker longer.
constexpr int64_t kTimeLimitMsMax = 1000;

constexpr Option kOptions[] = {
    {"match", OptionType::hash, "{ }",
     "Field names and the pattern, or the array of patterns, that each is matched against."},
    {"patterns_dir", OptionType::strings, "[ ]",
     "Folders or files with patterns of your own, a line `NAME definition` each."},
    {"patterns_files_glob", OptionType::string, "*",
     "Which files of the folders in `patterns_dir` are read."},
    {"pattern_definitions", OptionType::hash, "{ }",
     "Patterns of this filter alone, by name; they replace others of the same name."},
    {"break_on_match", OptionType::boolean, "true",
     "Whether the first pattern that matches ends the filter, or all are tried."},
    {"named_captures_only", OptionType::boolean, "true",
     "Whether `%{NAME}` without a field name captures nothing; otherwise the field is `NAME`."},
    {"keep_empty_captures", OptionType::boolean, "false",
     "Whether a capture that took no part or is empty sets its field all the same."},
    {"target", OptionType::field, "", "A field that all captures are put under."},
    {"overwrite", OptionType::strings, "[ ]",
     "Fields whose value a capture replaces; otherwise it is added to it, as in an array."},
    {"tag_on_failure", OptionType::strings, "[\"_grokparsefailure\"]",
     "Tags of an event that no pattern matched."},
    {"tag_on_timeout", OptionType::string, "_groktimeout",
     "The tag of an event on which a pattern gave up for its effort."},
    differing({"timeout_millis", OptionType::integer, "30000",
               "How long a pattern may try; mapped to bounds of steps and time, at most a second."},
              "effort is bounded by steps, and by a second at most"),
    differing({"timeout_scope", OptionType::choice, "pattern",
               "Accepted for Logstash's sake: the first pattern that gives up ends the filter "
               "either way.",
               false, kScopes},
              "the first pattern that gives up ends the filter with either value"),
    refused("pattern", "use match: `match => { \"message\" => \"...\" }`"),
    refused("singles", "remove it: one value is a text, several are a list"),
    refused("drop_if_match", "use a condition and `drop`"),
};

struct FieldPatterns {
  FieldRef field;
  std::vector<GrokExpression> expressions;
};

struct Plan {
  std::vector<FieldPatterns> fields;
  std::vector<std::string> failure_tags;
  std::string timeout_tag;
  bool break_on_match = true;
  bool keep_empty = false;
};

enum class Outcome : uint8_t { no_match, match, timeout };

// The place of a field, made with its parents when missing (null then); nullptr when a parent is
// neither an object nor missing. Names are viewed: the filter outlives its batches.
Value* place_of(Event& event, const FieldRef& field) {
  Value* at = field.is_metadata() ? &event.metadata() : &event.root();
  for (const auto& segment : field.segments()) {
    if (at->is_null()) *at = Value::object();
    if (!at->is_object()) return nullptr;
    Value* next = object_find(*at, segment.name());
    at = next ? next : &object_append(event.arena(), *at, segment.name(), Value::null());
  }
  return at;
}

// The names of an object as bits of their hashes: tells at once that one is new, as those of
// captures nearly always are.
class NameBits {
 public:
  explicit NameBits(const Value& object) {
    for (const Member& member : object.entries()) bits_ |= bit(member.hash);
  }
  bool surely_new(uint32_t hash) const { return !(bits_ & bit(hash)); }
  void add(uint32_t hash) { bits_ |= bit(hash); }

 private:
  static uint64_t bit(uint32_t hash) { return uint64_t{1} << (hash & 63); }
  uint64_t bits_ = 0;
};

class Grok : public Filter {
 public:
  Grok(Plan plan, const Context& context) : plan_(std::move(plan)) {
    context.metrics->counter("matches", "Events that a pattern matched.", {}, matches_);
    context.metrics->counter("failures", "Events that no pattern matched.", {}, failures_);
    context.metrics->counter("timeouts", "Events on which a pattern gave up.", {}, timeouts_);
  }

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    uint64_t matches = 0, timeouts = 0;
    for (const Row row : rows) {
      switch (run(batch[row])) {
        case Outcome::match:
          matched.push_back(row);
          ++matches;
          break;
        case Outcome::no_match:
          tag_all(batch[row], plan_.failure_tags);
          break;
        case Outcome::timeout:
          batch[row].tag(plan_.timeout_tag);
          ++timeouts;
          break;
      }
    }
    matches_.add(matches);
    timeouts_.add(timeouts);
    failures_.add(rows.size() - matches - timeouts);
  }

 private:
  Outcome run(Event& event) {
    bool matched = false;
    for (const FieldPatterns& patterns : plan_.fields) {
      const Outcome outcome = run_field(event, patterns);
      if (outcome == Outcome::timeout) return outcome;
      if (outcome != Outcome::match) continue;
      if (plan_.break_on_match) return Outcome::match;
      matched = true;
    }
    return matched ? Outcome::match : Outcome::no_match;
  }

  Outcome run_field(Event& event, const FieldPatterns& patterns) {
    const Value* found = event.find(patterns.field);
    if (found && found->is_string()) [[likely]]
      return run_text(event, patterns, found->view(), found->flags & Value::kClean);
    const Value value = found ? *found : Value::null();  // captures may move the field
    if (!value.is_array()) return run_text(event, patterns, event.arena().copy(to_text(value)), 0);
    bool matched = false;
    for (const Value& item : value.elements()) {
      const std::string_view text =
          item.is_string() ? item.view() : event.arena().copy(to_text(item));
      const Outcome outcome = run_text(event, patterns, text, 0);
      if (outcome == Outcome::timeout) return outcome;
      matched = matched || outcome == Outcome::match;
    }
    return matched ? Outcome::match : Outcome::no_match;
  }

  Outcome run_text(Event& event, const FieldPatterns& patterns, std::string_view text, int clean) {
    Outcome last = Outcome::no_match;
    for (const GrokExpression& expression : patterns.expressions) {
      switch (expression.regex->search(text, match_)) {
        case Regex::Outcome::limit:
          return Outcome::timeout;
        case Regex::Outcome::no_match:
          last = Outcome::no_match;
          continue;
        case Regex::Outcome::match:
          break;
      }
      if (!store(event, expression, text, static_cast<uint8_t>(clean))) return Outcome::no_match;
      last = Outcome::match;
      if (plan_.break_on_match) break;
    }
    return last;
  }

  // False when a field could not be set.
  bool store(Event& event, const GrokExpression& expression, std::string_view text, uint8_t flags) {
    const size_t* offsets = match_.offsets();
    Value& root = event.root();
    NameBits names(root);
    for (const GrokCapture& capture : expression.captures) {
      const size_t from = offsets[2 * capture.group], to = offsets[2 * capture.group + 1];
      Value value = Value::null();
      if (from != std::string_view::npos) {
        const std::string_view part = text.substr(from, to > from ? to - from : 0);
        value = converted(part, capture.cast, flags, event.arena());
      }
      const bool empty = value.is_null() || (value.is_string() && value.size == 0);
      if (empty && !plan_.keep_empty) continue;
      if (const FieldRef::Segment* top = capture.top()) {
        const bool fresh = names.surely_new(top->hash);
        names.add(top->hash);
        if (fresh && capture.field.segments().size() == 1) {
          object_append(event.arena(), root, top->name(), value);
          continue;
        }
      }
      Value* place = place_of(event, capture.field);
      if (!place) return false;
      join(event.arena(), *place, value, capture.overwrite);
    }
    return true;
  }

  static Value converted(std::string_view part, GrokCast cast, uint8_t flags, Arena& arena) {
    if (cast == GrokCast::integer) return grok_integer(part, arena);
    if (cast == GrokCast::real) return grok_real(part);
    return Value::string(part, flags);
  }

  static void join(Arena& arena, Value& place, const Value& value, bool overwrite) {
    if (overwrite || place.is_null()) {
      place = value;
    } else if (place.is_array()) {
      array_append(arena, place, value);
    } else if (place.is_string()) {
      const Value before = place;
      place = Value::array();
      array_append(arena, place, before);
      array_append(arena, place, value);
    }  // beside anything else a value is dropped, as in Logstash
  }

  Plan plan_;
  Regex::Match match_;
  Counter matches_, failures_, timeouts_;
};

// --- making one ---

Result<GrokDictionary> make_dictionary(const Settings& settings, Ecs ecs) {
  const GrokSet set = ecs == Ecs::disabled ? GrokSet::legacy : GrokSet::ecs_v1;
  GrokDictionary out(&GrokDictionary::stock(set));
  for (const std::string& path : settings.strings("patterns_dir"))
    if (const Status added = add_pattern_files(path, settings.string("patterns_files_glob"), out);
        !added.ok())
      return settings.error("patterns_dir", added.error().message);
  for (const auto& [name, definition] : settings.hash("pattern_definitions")) {
    if (!definition.is_scalar())
      return settings.error("pattern_definitions", "a definition must be a string");
    out.add(name.text, definition.text);
  }
  return out;
}

Result<FieldPatterns> make_field(const Settings& settings, const GrokDictionary& dictionary,
                                 const GrokExpressionOptions& options, SharedResources& resources,
                                 const ConfigValue& field, const ConfigValue& patterns) {
  FieldPatterns out;
  auto parsed = FieldRef::parse(field.text);
  if (!parsed.ok()) return settings.error("match", parsed.error().message);
  out.field = std::move(parsed).value();
  const bool list = patterns.kind == ConfigValue::Kind::array;
  for (const ConfigValue& pattern :
       list ? std::span<const ConfigValue>(patterns.items) : std::span(&patterns, 1)) {
    if (!pattern.is_scalar()) return settings.error("match", "a pattern must be a string");
    auto made = GrokExpression::compile(pattern.text, dictionary, options, resources);
    if (!made.ok())
      return settings.error("match",
                            fmt::format("pattern `{}`: {}", pattern.text, made.error().message));
    out.expressions.push_back(std::move(made).value());
  }
  return out;
}

Result<std::unique_ptr<Filter>> make_grok(const Settings& settings, const Context& context) {
  TRY(const GrokDictionary dictionary, make_dictionary(settings, context.ecs));
  GrokExpressionOptions options;
  options.named_captures_only = settings.boolean("named_captures_only");
  options.overwrite = settings.strings("overwrite");
  if (settings.is_given("target")) options.target = settings.field("target").text();
  const int64_t timeout = settings.integer("timeout_millis");
  options.time_limit_ms =
      static_cast<uint32_t>(timeout <= 0 ? kTimeLimitMsMax : std::min(timeout, kTimeLimitMsMax));
  Plan plan;
  for (const auto& [field, patterns] : settings.hash("match")) {
    TRY(auto made, make_field(settings, dictionary, options, *context.resources, field, patterns));
    plan.fields.push_back(std::move(made));
  }
  plan.failure_tags = settings.strings("tag_on_failure");
  plan.timeout_tag = settings.string("tag_on_timeout");
  plan.break_on_match = settings.boolean("break_on_match");
  plan.keep_empty = settings.boolean("keep_empty_captures");
  return std::unique_ptr<Filter>(std::make_unique<Grok>(std::move(plan), context));
}

}  // namespace

FilterPlugin grok_filter() {
  return {{"grok", "Takes text apart with named patterns and sets fields from it.", kOptions,
           "Two captures of one name with a cast are both converted; Logstash converts the first. "
           "A field's name that is no reference is an error at start."},
          make_grok};
}

}  // namespace penstock
