#include "pipeline/config/option_types.h"

#include <algorithm>
#include <cmath>

#include "pipeline/base/text.h"

namespace penstock {
namespace {

// Characters of a value that an error quotes.
constexpr size_t kQuotedMax = 40;

std::string quoted(std::string_view text) {
  std::string out(text.substr(0, kQuotedMax));
  if (text.size() > kQuotedMax) {
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0) == 0x80) out.pop_back();
    if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0x80) out.pop_back();
    out += "...";
  }
  return "`" + out + "`";
}

struct Unit {
  std::string_view name;
  double factor;
};

// A number with a unit after it, both as `units` know them.
std::optional<int64_t> measured(std::string_view text, std::span<const Unit> units,
                                double default_factor) {
  text = trim(text);
  const size_t digits = std::min(text.find_first_not_of("0123456789.-"), text.size());
  const auto number = parse_real(text.substr(0, digits));
  const std::string name = to_lower_ascii(trim(text.substr(digits)));
  double factor = name.empty() ? default_factor : 0;
  for (const Unit& unit : units)
    if (unit.name == name) factor = unit.factor;
  if (!number || factor == 0) return std::nullopt;
  const double out = std::round(*number * factor);
  if (!(std::abs(out) < 9.2e18)) return std::nullopt;
  return static_cast<int64_t>(out);
}

bool has_unit(std::string_view text) {
  return text.find_first_not_of("0123456789.- \t") != text.npos;
}

bool is_uri(std::string_view text) {
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7F && c != '"' && c != '<' && c != '>';
  });
  const size_t scheme = text.find("://");
  return printable && !text.empty() && scheme != 0 &&
         (scheme == text.npos || scheme + 3 < text.size());
}

// One or more URLs with white space between them.
bool are_uris(std::string_view text) {
  text = trim(text);
  do {
    const size_t end = std::min(text.find_first_of(" \t\r\n"), text.size());
    if (!is_uri(text.substr(0, end))) return false;
    text = trim(text.substr(end));
  } while (!text.empty());
  return true;
}

bool is_choice(const Option& option, std::string_view text) {
  return std::find(option.choices.begin(), option.choices.end(), text) != option.choices.end();
}

std::string list_of(std::span<const std::string_view> choices) {
  std::string out;
  for (const std::string_view choice : choices) {
    if (!out.empty()) out += ", ";
    out += "`" + std::string(choice) + "`";
  }
  return out;
}

// The complaint about a scalar; "" when it fits.
std::string scalar_misfit(const Option& option, const ConfigValue& value) {
  const std::string& text = value.text;
  bool fits = true;
  switch (option.type) {
    case OptionType::boolean:
      fits = text == "true" || text == "false";
      break;
    case OptionType::integer:
      fits = parse_integer(text).has_value();
      break;
    case OptionType::number:
      fits = parse_real(text).has_value();
      break;
    case OptionType::uri:
      fits = is_uri(text);
      break;
    case OptionType::uris:
      fits = are_uris(text);
      break;
    case OptionType::field:
    case OptionType::fields:
      if (auto parsed = FieldRef::parse(text); !parsed.ok()) return parsed.error().message;
      break;
    case OptionType::choice:
    case OptionType::strings:
      fits = option.choices.empty() || is_choice(option, text);
      break;
    case OptionType::bytes:
      fits = parse_bytes(text).has_value();
      break;
    case OptionType::duration:
      fits = parse_milliseconds(text).has_value();
      break;
    default:
      break;
  }
  if (fits) return "";
  const bool list = option.type == OptionType::strings || option.type == OptionType::uris;
  Option one = option;
  if (list) one.type = option.type == OptionType::uris ? OptionType::uri : OptionType::choice;
  std::string out = "expected " + describe_type(one) + ", found " + describe_value(value, false);
  const std::string_view meant = nearest(text, option.choices);
  if (!meant.empty()) out += "; did you mean `" + std::string(meant) + "`?";
  return out;
}

std::string list_misfit(const Option& option, const ConfigValue& value) {
  if (value.is_scalar()) return scalar_misfit(option, value);
  if (value.kind != ConfigValue::Kind::array)
    return "expected " + describe_type(option) + ", found " + describe_value(value, false);
  for (const ConfigValue& item : value.items) {
    if (!item.is_scalar())
      return "expected " + describe_type(option) + ", found an array with " +
             describe_value(item, false) + " in it";
    if (std::string wrong = scalar_misfit(option, item); !wrong.empty()) return wrong;
  }
  return "";
}

// A hash, or the array of keys and values that Logstash takes for one.
std::string hash_misfit(const Option& option, ConfigValue& value) {
  if (value.kind == ConfigValue::Kind::hash) return "";
  const bool pairs = value.kind == ConfigValue::Kind::array && value.items.size() % 2 == 0;
  if (!pairs)
    return "expected " + describe_type(option) + ", found " + describe_value(value, false) +
           (value.kind == ConfigValue::Kind::array ? " with an odd number of items" : "");
  for (size_t i = 0; i < value.items.size(); i += 2)
    if (!value.items[i].is_scalar())
      return "expected " + describe_type(option) + ", found " +
             describe_value(value.items[i], false) + " as a key";
  value.kind = ConfigValue::Kind::hash;
  return "";
}

}  // namespace

std::string misfit(const Option& option, ConfigValue& value) {
  switch (option.type) {
    case OptionType::any:
      return "";
    case OptionType::strings:
    case OptionType::uris:
    case OptionType::fields:
      return list_misfit(option, value);
    case OptionType::hash:
      return hash_misfit(option, value);
    case OptionType::codec:
      if (value.kind == ConfigValue::Kind::plugin || value.is_scalar()) return "";
      break;
    default:
      // An array of one is its item: repeated attributes and old configs make them.
      if (value.kind == ConfigValue::Kind::array && value.items.size() == 1 &&
          value.items[0].is_scalar())
        value = ConfigValue(value.items[0]);
      if (value.is_scalar()) return scalar_misfit(option, value);
  }
  return "expected " + describe_type(option) + ", found " + describe_value(value, false);
}

std::string describe_type(const Option& option) {
  switch (option.type) {
    case OptionType::boolean:
      return "`true` or `false`";
    case OptionType::integer:
      return "a whole number";
    case OptionType::number:
      return "a number";
    case OptionType::string:
    case OptionType::password:
      return "a string";
    case OptionType::path:
      return "a path";
    case OptionType::uri:
      return "a URL";
    case OptionType::field:
      return "a field reference";
    case OptionType::strings:
      if (!option.choices.empty()) return "an array of " + list_of(option.choices);
      return "an array of strings";
    case OptionType::uris:
      return "an array of URLs";
    case OptionType::fields:
      return "an array of field references";
    case OptionType::hash:
      return "a hash";
    case OptionType::codec:
      return "a codec";
    case OptionType::choice:
      return "one of " + list_of(option.choices);
    case OptionType::bytes:
      return "a size like 1048576 or \"10mb\"";
    case OptionType::duration:
      return "a duration like 5 (seconds), \"200ms\" or \"1 hour\"";
    case OptionType::any:
      return "a value";
  }
  return "";
}

std::string describe_value(const ConfigValue& value, bool secret) {
  switch (value.kind) {
    case ConfigValue::Kind::array:
      return "an array";
    case ConfigValue::Kind::hash:
      return "a hash";
    case ConfigValue::Kind::plugin:
      return "a codec";
    case ConfigValue::Kind::string:
      return secret ? "a string" : "the string " + quoted(value.text);
    default:
      return quoted(value.text);
  }
}

std::optional<int64_t> parse_bytes(std::string_view text) {
  // As in Logstash, "kb" counts in thousands and "kib" in 1024s.
  static constexpr Unit kUnits[] = {
      {"b", 1},
      {"k", 1e3},
      {"kb", 1e3},
      {"m", 1e6},
      {"mb", 1e6},
      {"g", 1e9},
      {"gb", 1e9},
      {"t", 1e12},
      {"tb", 1e12},
      {"kib", 1024},
      {"mib", 1048576},
      {"gib", 1073741824},
      {"tib", 1099511627776.0},
  };
  const auto bytes = measured(text, kUnits, 1);
  return bytes && *bytes >= 0 ? bytes : std::nullopt;
}

std::optional<int64_t> parse_milliseconds(std::string_view text) {
  static constexpr Unit kUnits[] = {
      {"w", 604'800'000},  {"week", 604'800'000}, {"weeks", 604'800'000},
      {"d", 86'400'000},   {"day", 86'400'000},   {"days", 86'400'000},
      {"h", 3'600'000},    {"hour", 3'600'000},   {"hours", 3'600'000},
      {"m", 60'000},       {"min", 60'000},       {"minute", 60'000},
      {"minutes", 60'000}, {"s", 1000},           {"sec", 1000},
      {"second", 1000},    {"seconds", 1000},     {"ms", 1},
      {"msec", 1},         {"msecs", 1},          {"milli", 1},
      {"millis", 1},       {"millisecond", 1},    {"milliseconds", 1},
      {"us", 1e-3},        {"usec", 1e-3},        {"usecs", 1e-3},
  };
  int64_t sum = 0;
  // "1 week 2 days" adds up; a lone number is in seconds.
  if (!has_unit(text)) return measured(text, kUnits, 1000);
  for (std::string_view rest = trim(text); !rest.empty();) {
    const size_t letters = rest.find_first_not_of("0123456789.- \t");
    if (letters == rest.npos) return std::nullopt;
    const size_t next = std::min(rest.find_first_of("0123456789.- \t", letters), rest.size());
    const auto part = measured(rest.substr(0, next), kUnits, 0);
    if (!part || std::abs(static_cast<double>(sum) + static_cast<double>(*part)) > 9e18)
      return std::nullopt;
    sum += *part;
    rest = trim(rest.substr(next));
  }
  return sum;
}

}  // namespace penstock
