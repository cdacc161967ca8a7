#include "filters/pii/settings.h"

#include <algorithm>
#include <array>

namespace penstock::pii {
namespace {

constexpr size_t kCustomMax = 100;  // patterns of one filter
constexpr size_t kCustomNameBytesMax = 64;
// Steps of one search: a custom pattern may cost a line some microseconds, not seconds.
constexpr uint32_t kCustomMatchLimit = 100'000;

constexpr std::array<std::string_view, 5> kActions = {"mask", "partial", "hash", "remove", "tag"};

constexpr auto make_choices() {
  std::array<std::string_view, kEntities + 2> out{};
  for (size_t i = 0; i < kEntities; ++i) out[i] = kEntityNames[i];
  out[kEntities] = "default";
  out[kEntities + 1] = "all";
  return out;
}
constexpr auto kChoices = make_choices();

constexpr Option kOptions[] = {
    {"entities", OptionType::strings, "",
     "What to look for. `default` is everything but `ip_address`; `all` is everything. Several are "
     "added up: `[\"default\", \"ip_address\"]`.",
     false, kChoices},
    {"action", OptionType::choice, "mask",
     "What to do with what is found: `mask` (`[EMAIL]`), `partial` (the last four characters), "
     "`hash` (a token from keyed HMAC-SHA-256), `remove`, or `tag` (change nothing, add the tag "
     "`pii_<entity>`).",
     false, kActions},
    {"actions", OptionType::hash, "",
     "An action for single entities and custom patterns: `{ \"email\" => \"hash\" }`."},
    {"hash_key", OptionType::password, "",
     "The key of the `hash` action; required by it. The same key gives the same value the same "
     "token."},
    {"custom", OptionType::hash, "",
     "Further patterns: name => regular expression. The name is the entity, its mask the name in "
     "upper case."},
    {"fields", OptionType::fields, "",
     "Look into these fields only, and into all that is below them. `[@metadata]` fields are "
     "looked "
     "at when they are named here."},
    {"except", OptionType::fields, "",
     "Leave these fields, and all that is below them, as they are."},
    {"findings", OptionType::field, "",
     "Record each finding in this field: `type`, `field`, `start` and `end` (characters in the "
     "original text)."},
    {"target", OptionType::field, "[pii]",
     "Where `[entities]` and `[count]` are written when something was found."},
};

std::string upper(std::string_view name) {
  std::string out;
  for (const char c : name) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

std::optional<Action> action_named(std::string_view name) {
  const auto found = std::find(kActions.begin(), kActions.end(), name);
  if (found == kActions.end()) return std::nullopt;
  return static_cast<Action>(found - kActions.begin());
}

Error at_value(const Settings& settings, std::string_view option, const ConfigValue& value,
               std::string message) {
  Error error = settings.error(option, std::move(message));
  if (value.where.known()) error.where = value.where;
  return error;
}

EntitySet read_entities(const Settings& settings) {
  if (!settings.is_given("entities")) return kDefaultEntities;
  EntitySet out = 0;
  for (const std::string& name : settings.strings("entities")) {
    if (name == "all") out |= kAllEntities;
    if (name == "default") out |= kDefaultEntities;
    if (const auto entity = entity_named(name)) out |= bit(*entity);
  }
  return out;
}

Status read_custom(const Settings& settings, Plan& plan) {
  for (const auto& [name, pattern] : settings.hash("custom")) {
    const auto bad = [](char c) {
      return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
    };
    if (name.text.empty() || name.text.size() > kCustomNameBytesMax ||
        std::any_of(name.text.begin(), name.text.end(), bad))
      return at_value(settings, "custom", name,
                      "a pattern's name is made of a-z, 0-9 and _, got \"" + name.text + "\"");
    if (std::find(plan.names.begin(), plan.names.end(), name.text) != plan.names.end())
      return at_value(settings, "custom", name,
                      "\"" + name.text + "\" is the name of another entity");
    if (plan.custom.size() == kCustomMax)
      return at_value(settings, "custom", name,
                      "at most " + std::to_string(kCustomMax) + " patterns");
    if (!pattern.is_scalar())
      return at_value(settings, "custom", pattern, name.text + ": expected a regular expression");
    auto regex = Regex::compile(pattern.text, {.match_limit = kCustomMatchLimit});
    if (!regex.ok())
      return at_value(settings, "custom", pattern, name.text + ": " + regex.error().message);
    Regex::Match empty;
    if (regex.value()->search("", empty) == Regex::Outcome::match)
      return at_value(settings, "custom", pattern, name.text + ": the pattern matches empty text");
    plan.custom.push_back({name.text, std::move(regex).value()});
    plan.names.push_back(name.text);
    plan.masks.push_back("[" + upper(name.text) + "]");
  }
  return ok_status();
}

Status read_actions(const Settings& settings, Plan& plan) {
  plan.actions.assign(plan.names.size(), *action_named(settings.string("action")));
  for (const auto& [name, value] : settings.hash("actions")) {
    const auto known = std::find(plan.names.begin(), plan.names.end(), name.text);
    if (known == plan.names.end())
      return at_value(settings, "actions", name,
                      "no entity or custom pattern is called \"" + name.text + "\"");
    const auto action = action_named(value.text);
    if (!action)
      return at_value(settings, "actions", value,
                      "expected mask, partial, hash, remove or tag, got \"" + value.text + "\"");
    plan.actions[static_cast<size_t>(known - plan.names.begin())] = *action;
  }
  const bool hashes =
      std::find(plan.actions.begin(), plan.actions.end(), Action::hash) != plan.actions.end();
  plan.hash_key = settings.string("hash_key");
  if (hashes && plan.hash_key.empty())
    return settings.error("hash_key",
                          "the action \"hash\" needs a key: set hash_key, for example to "
                          "\"${PII_HASH_KEY}\"");
  return ok_status();
}

}  // namespace

std::span<const Option> options() { return kOptions; }

Result<Plan> read_plan(const Settings& settings) {
  Plan plan;
  plan.entities = read_entities(settings);
  plan.names.assign(kEntityNames.begin(), kEntityNames.end());
  plan.masks.assign(kEntityMasks.begin(), kEntityMasks.end());
  TRY_STATUS(read_custom(settings, plan));
  TRY_STATUS(read_actions(settings, plan));
  plan.fields = settings.fields("fields");
  plan.except = settings.fields("except");
  if (settings.is_given("findings")) plan.findings = settings.field("findings");
  const std::string target = settings.field("target").text();
  TRY(plan.entities_field, FieldRef::parse(target + "[entities]"));
  TRY(plan.count_field, FieldRef::parse(target + "[count]"));
  return plan;
}

}  // namespace penstock::pii
