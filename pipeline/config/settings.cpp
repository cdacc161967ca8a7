#include "pipeline/config/settings.h"

#include <algorithm>

#include "pipeline/base/check.h"
#include "pipeline/base/text.h"
#include "pipeline/config/option_types.h"
#include "pipeline/config/parser.h"

namespace penstock {
namespace {

using Shape = ConfigValue::Kind;

// The plugin's own options first; a common one of the same name is hidden.
std::vector<const Option*> all_options(PluginKind kind, const PluginInfo& info) {
  std::vector<const Option*> out;
  for (const Option& option : info.options) out.push_back(&option);
  for (const Option& option : common_options(kind)) {
    const bool hidden = std::any_of(info.options.begin(), info.options.end(),
                                    [&](const Option& own) { return own.name == option.name; });
    if (!hidden) out.push_back(&option);
  }
  return out;
}

bool same(const ConfigValue& a, const ConfigValue& b) {
  return a.kind == b.kind && a.text == b.text &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), same) &&
         !a.plugin && !b.plugin;
}

ConfigValue array_of(const ConfigValue& item) {
  return {Shape::array, item.where, "", {item}, nullptr};
}

void merge_hash(ConfigValue& into, const ConfigValue& from);

// A key that two attributes give: hashes merge, all else becomes an array without repetitions.
void merge_member(ConfigValue& into, const ConfigValue& from) {
  if (into.kind == Shape::hash && from.kind == Shape::hash) return merge_hash(into, from);
  if (same(into, from)) return;
  if (into.kind != Shape::array) into = array_of(ConfigValue(into));
  const auto add = [&](const ConfigValue& item) {
    for (const ConfigValue& held : into.items)
      if (same(held, item)) return;
    into.items.push_back(item);
  };
  if (from.kind != Shape::array) return add(from);
  for (const ConfigValue& item : from.items) add(item);
}

void merge_hash(ConfigValue& into, const ConfigValue& from) {
  for (size_t i = 0; i + 1 < from.items.size(); i += 2) {
    size_t at = 0;
    while (at < into.items.size() && into.items[at].text != from.items[i].text) at += 2;
    if (at < into.items.size()) {
      merge_member(into.items[at + 1], from.items[i + 1]);
    } else {
      into.items.push_back(from.items[i]);
      into.items.push_back(from.items[i + 1]);
    }
  }
}

bool holds_several(OptionType type) {
  switch (type) {
    case OptionType::strings:
    case OptionType::uris:
    case OptionType::fields:
    case OptionType::hash:
    case OptionType::any:
      return true;
    default:
      return false;
  }
}

// An option given again: hashes merge, arrays append, different scalars become an array. False
// when the two don't go together.
bool merge(OptionType type, ConfigValue& into, const ConfigValue& from) {
  if (into.is_scalar() && same(into, from)) return true;
  if (!holds_several(type)) return false;
  if (into.kind == Shape::plugin || from.kind == Shape::plugin) return false;
  if ((into.kind == Shape::hash) != (from.kind == Shape::hash)) return false;
  if (into.kind == Shape::hash) {
    merge_hash(into, from);
    return true;
  }
  if (into.kind != Shape::array) into = array_of(ConfigValue(into));
  if (from.kind == Shape::array)
    into.items.insert(into.items.end(), from.items.begin(), from.items.end());
  else
    into.items.push_back(from);
  return true;
}

bool is_text(OptionType type) {
  switch (type) {
    case OptionType::string:
    case OptionType::password:
    case OptionType::path:
    case OptionType::uri:
    case OptionType::field:
    case OptionType::choice:
    case OptionType::bytes:
    case OptionType::duration:
      return true;
    default:
      return false;
  }
}

// A declared default. Text types may be declared without quotes.
std::shared_ptr<const ConfigValue> default_of(const Option& option) {
  if (option.fallback.empty()) return nullptr;
  const bool bare = is_text(option.type) && option.fallback[0] != '"' && option.fallback[0] != '\'';
  ConfigValue value;
  value.text = option.fallback;
  if (!bare) {
    auto parsed = parse_value(option.fallback);
    CHECK(parsed.ok(), "an option's default must be a value of the config language");
    value = std::move(parsed).value();
  }
  CHECK(misfit(option, value).empty(), "an option's default must fit its type");
  return std::make_shared<const ConfigValue>(std::move(value));
}

std::vector<std::string> texts(const ConfigValue* value) {
  std::vector<std::string> out;
  if (!value) return out;
  if (value->is_scalar()) out.push_back(value->text);
  for (const ConfigValue& item : value->items) out.push_back(item.text);
  return out;
}

std::string unknown_option(std::string_view owner, const std::string& name,
                           const std::vector<const Option*>& options) {
  std::vector<std::string_view> names;
  for (const Option* option : options)
    if (option->obsolete.empty()) names.push_back(option->name);
  const std::string_view meant = nearest(name, names);
  std::string out = "unknown option `" + name + "` of `" + std::string(owner) + "`";
  if (!meant.empty()) out += "; did you mean `" + std::string(meant) + "`?";
  return out;
}

}  // namespace

Settings Settings::check(PluginKind kind, const PluginInfo& info, const PluginNode& node,
                         Errors& errors) {
  return check_all(info.name, all_options(kind, info), node, errors);
}

Settings Settings::check(std::string_view owner, std::span<const Option> options,
                         const PluginNode& node, Errors& errors) {
  std::vector<const Option*> all;
  for (const Option& option : options) all.push_back(&option);
  return check_all(owner, all, node, errors);
}

Settings Settings::check_all(std::string_view owner, const std::vector<const Option*>& options,
                             const PluginNode& node, Errors& errors) {
  Settings out;
  out.where_ = node.where;
  const auto before = static_cast<ptrdiff_t>(errors.size());
  std::vector<std::shared_ptr<ConfigValue>> given(options.size());
  std::vector<Where> places(options.size());

  for (const Attribute& attribute : node.attributes) {
    const auto found = std::find_if(options.begin(), options.end(), [&](const Option* option) {
      return option->name == attribute.name;
    });
    if (found == options.end()) {
      errors.push_back(
          {Errc::bad_config, unknown_option(owner, attribute.name, options), attribute.where});
      continue;
    }
    const auto index = static_cast<size_t>(found - options.begin());
    if (!given[index]) {
      given[index] = std::make_shared<ConfigValue>(attribute.value);
      places[index] = attribute.where;
    } else if (!merge((*found)->type, *given[index], attribute.value)) {
      errors.push_back({Errc::bad_config,
                        attribute.name + ": given again with another value; the first is in line " +
                            std::to_string(places[index].line),
                        attribute.where});
    }
  }

  for (size_t i = 0; i < options.size(); ++i) {
    const Option& option = *options[i];
    Entry entry{&option, given[i] != nullptr, given[i] ? places[i] : node.where, nullptr};
    if (!entry.given) {
      if (option.required)
        errors.push_back({Errc::bad_config,
                          "`" + std::string(owner) + "` needs the option `" +
                              std::string(option.name) + "`: " + describe_type(option),
                          node.where});
      entry.value = default_of(option);
    } else {
      const bool secret = option.type == OptionType::password;
      std::string wrong = option.obsolete.empty() ? misfit(option, *given[i])
                                                  : "is obsolete: " + std::string(option.obsolete);
      if (secret && !wrong.empty()) wrong = "expected a string";
      if (!wrong.empty())
        errors.push_back({Errc::bad_config, std::string(option.name) + ": " + wrong,
                          given[i]->where.known() ? given[i]->where : entry.where});
      entry.value = given[i];
    }
    out.entries_.push_back(std::move(entry));
  }
  std::stable_sort(errors.begin() + before, errors.end(), [](const Error& a, const Error& b) {
    return std::pair(a.where.line, a.where.column) < std::pair(b.where.line, b.where.column);
  });
  return out;
}

const Settings::Entry* Settings::find(std::string_view option) const {
  for (const Entry& entry : entries_)
    if (entry.option->name == option) return &entry;
  CHECK(false, "a plugin reads an option that it doesn't declare");
  return nullptr;
}

bool Settings::has(std::string_view option) const { return find(option)->value != nullptr; }
bool Settings::is_given(std::string_view option) const { return find(option)->given; }

const ConfigValue* Settings::value(std::string_view option) const {
  return find(option)->value.get();
}

bool Settings::boolean(std::string_view option) const { return string(option) == "true"; }

int64_t Settings::integer(std::string_view option) const {
  return parse_integer(string(option)).value_or(0);
}

double Settings::number(std::string_view option) const {
  return parse_real(string(option)).value_or(0);
}

std::string Settings::string(std::string_view option) const {
  const ConfigValue* held = value(option);
  return held ? held->text : "";
}

std::vector<std::string> Settings::strings(std::string_view option) const {
  std::vector<std::string> out = texts(value(option));
  if (find(option)->option->type != OptionType::uris) return out;
  // One string may hold several URLs with white space between them.
  std::vector<std::string> uris;
  for (const std::string& item : out)
    for (std::string_view rest = trim(item); !rest.empty();) {
      const size_t end = std::min(rest.find_first_of(" \t\r\n"), rest.size());
      uris.emplace_back(rest.substr(0, end));
      rest = trim(rest.substr(end));
    }
  return uris;
}

FieldRef Settings::field(std::string_view option) const {
  auto parsed = FieldRef::parse(string(option));
  return parsed.ok() ? std::move(parsed).value() : FieldRef();
}

std::vector<FieldRef> Settings::fields(std::string_view option) const {
  std::vector<FieldRef> out;
  for (const std::string& text : strings(option)) {
    auto parsed = FieldRef::parse(text);
    if (parsed.ok()) out.push_back(std::move(parsed).value());
  }
  return out;
}

int64_t Settings::bytes(std::string_view option) const {
  return parse_bytes(string(option)).value_or(0);
}

int64_t Settings::milliseconds(std::string_view option) const {
  return parse_milliseconds(string(option)).value_or(0);
}

std::vector<std::pair<ConfigValue, ConfigValue>> Settings::hash(std::string_view option) const {
  std::vector<std::pair<ConfigValue, ConfigValue>> out;
  if (const ConfigValue* held = value(option); held && held->kind == Shape::hash)
    for (size_t i = 0; i + 1 < held->items.size(); i += 2)
      out.emplace_back(held->items[i], held->items[i + 1]);
  return out;
}

std::shared_ptr<PluginNode> Settings::codec(std::string_view option) const {
  const ConfigValue* held = value(option);
  if (!held) return nullptr;
  if (held->plugin) return held->plugin;
  auto named = std::make_shared<PluginNode>();
  named->name = held->text;
  named->where = held->where.known() ? held->where : where_;
  return named;
}

Where Settings::where(std::string_view option) const {
  const Entry* entry = find(option);
  return entry->given && entry->value && entry->value->where.known() ? entry->value->where
                                                                     : entry->where;
}

Error Settings::error(std::string_view option, std::string message) const {
  return {Errc::bad_config, std::string(option) + ": " + std::move(message), where(option)};
}

}  // namespace penstock
