#include "pipeline/rehearsal/expectation.h"

#include <algorithm>
#include <set>

#include "pipeline/event/json_reader.h"

namespace penstock {
namespace {

// Compared by `exact` only where they are given: every event has them.
bool is_optional(const std::string& field) {
  return field == "[@timestamp]" || field == "[@version]" || field.starts_with("[@metadata]");
}

std::string value_of(const Flat& fields, const std::string& field) {
  const auto found = fields.find(field);
  if (found != fields.end()) return found->second;
  // An object as a whole.
  std::string out;
  for (auto at = fields.lower_bound(field + "["); at != fields.end(); ++at) {
    if (!at->first.starts_with(field + "[")) break;
    out += (out.empty() ? "{" : ", ") + at->first.substr(field.size()) + ": " + at->second;
  }
  return out.empty() ? out : out + "}";
}

std::set<std::string> tags_of(const Flat& fields) {
  std::set<std::string> out;
  const std::string text = value_of(fields, "[tags]");
  Arena arena;
  Value value;
  JsonReader reader;
  if (text.empty() || reader.read(text, arena, value) != JsonReader::Outcome::ok) return out;
  if (value.is_string()) out.insert(std::string(value.view()));
  if (value.is_array())
    for (const Value& tag : value.elements()) out.insert(to_text(tag));
  return out;
}

void compare_flat(const Flat& expected, const Flat& found, const std::string& prefix,
                  std::vector<Mismatch>& out) {
  for (const auto& [field, value] : expected) {
    const std::string has = value_of(found, field);
    if (has != value) out.push_back({prefix + field, value, has});
  }
}

void compare_exact(const Flat& expected, const Flat& found, std::vector<Mismatch>& out) {
  compare_flat(expected, found, "", out);
  for (const auto& [field, value] : found)
    if (!expected.contains(field) && !is_optional(field)) out.push_back({field, "", value});
}

// The text that an expression is asked of: a string without its quotes.
std::string plain(const std::string& json) {
  Arena arena;
  Value value;
  JsonReader reader;
  if (json.empty() || reader.read(json, arena, value) != JsonReader::Outcome::ok) return json;
  return value.is_string() ? std::string(value.view()) : json;
}

bool matches(const std::string& pattern, const std::string& json) {
  auto compiled = Regex::compile(pattern);
  const std::string text = plain(json);
  Regex::Match match;
  return compiled.ok() && !json.empty() &&
         compiled.value()->search(text, match) == Regex::Outcome::match;
}

bool is_of(const Captured& event, const std::string& output) {
  return event.output == output || event.plugin == output;
}

// What the outputs of that name got; for "" each event once.
std::vector<const Captured*> got(const std::vector<Captured>& captured, const std::string& output) {
  std::vector<const Captured*> out;
  std::set<uint64_t> seen;
  for (const Captured& event : captured)
    if (output.empty() ? seen.insert(event.event).second : is_of(event, output))
      out.push_back(&event);
  return out;
}

std::string brief(const Captured& event) {
  std::string out = value_of(event.fields, "[message]");
  if (out.empty())
    for (const auto& [field, value] : event.fields)
      if (!is_optional(field)) out += (out.empty() ? "" : ", ") + field + ": " + value;
  return event.output + ": " + out;
}

void compare_sequence(const std::string& output, const std::vector<const Expectation*>& expected,
                      const std::vector<const Captured*>& events, std::vector<Mismatch>& out) {
  const std::string of = output.empty() ? "" : " of " + output;
  for (size_t i = 0; i < std::max(expected.size(), events.size()); ++i) {
    const std::string which = "event " + std::to_string(i + 1) + of;
    if (i >= events.size()) {
      out.push_back({which, "an event", ""});
    } else if (i >= expected.size()) {
      out.push_back({which, "", brief(*events[i])});
    } else {
      for (Mismatch& mismatch : compare(*expected[i], *events[i])) {
        if (expected.size() > 1 || !output.empty()) mismatch.what = which + " " + mismatch.what;
        out.push_back(std::move(mismatch));
      }
    }
  }
}

}  // namespace

std::vector<Mismatch> compare(const Expectation& expected, const Captured& event) {
  std::vector<Mismatch> out;
  if (expected.exact) compare_exact(*expected.exact, event.fields, out);
  compare_flat(expected.subset, event.fields, "", out);
  for (const std::string& field : expected.absent)
    if (const std::string has = value_of(event.fields, field); !has.empty())
      out.push_back({field, "", has});
  for (const auto& [field, pattern] : expected.matches)
    if (const std::string has = value_of(event.fields, field); !matches(pattern, has))
      out.push_back({field, "a match of " + pattern, has});
  const std::set<std::string> tags = tags_of(event.fields);
  for (const std::string& tag : expected.tags)
    if (!tags.contains(tag)) out.push_back({"[tags]", tag, value_of(event.fields, "[tags]")});
  for (const std::string& tag : expected.no_tags)
    if (tags.contains(tag)) out.push_back({"[tags]", "", tag});
  compare_flat(expected.options, event.options, "option ", out);
  return out;
}

std::vector<Mismatch> compare_all(const std::vector<Expectation>& expected,
                                  const std::vector<std::string>& nothing,
                                  const std::vector<Captured>& captured) {
  std::vector<Mismatch> out;
  std::vector<std::string> outputs;  // in the order in which they are named
  for (const Expectation& one : expected)
    if (std::find(outputs.begin(), outputs.end(), one.output) == outputs.end())
      outputs.push_back(one.output);
  if (expected.empty() && nothing.empty()) outputs.emplace_back();  // nothing is delivered
  for (const std::string& output : outputs) {
    std::vector<const Expectation*> own;
    for (const Expectation& one : expected)
      if (one.output == output) own.push_back(&one);
    compare_sequence(output, own, got(captured, output), out);
  }
  for (const std::string& output : nothing)
    compare_sequence(output, {}, got(captured, output), out);
  return out;
}

}  // namespace penstock
