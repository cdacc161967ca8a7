#include "pipeline/plugin/option_table.h"

#include <algorithm>

#include "pipeline/plugin/registry.h"

namespace penstock {
namespace {

constexpr std::string_view kBegin = "<!-- options:begin -->";
constexpr std::string_view kEnd = "<!-- options:end -->";

// A cell may hold no `|`.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string row(const Option& option) {
  const std::string fallback = option.required           ? "required"
                               : option.fallback.empty() ? ""
                                                         : code(cell(option.fallback));
  return "| " + code(option.name) + " | " + cell(option_type_text(option)) + " | " + fallback +
         " | " + cell(option.doc) + " |\n";
}

}  // namespace

std::string_view option_type_name(OptionType type) {
  switch (type) {
    case OptionType::boolean:
      return "boolean";
    case OptionType::integer:
      return "integer";
    case OptionType::number:
      return "number";
    case OptionType::string:
      return "string";
    case OptionType::password:
      return "password";
    case OptionType::path:
      return "path";
    case OptionType::uri:
      return "URL";
    case OptionType::field:
      return "field reference";
    case OptionType::strings:
      return "array of strings";
    case OptionType::uris:
      return "array of URLs";
    case OptionType::fields:
      return "array of field references";
    case OptionType::hash:
      return "hash";
    case OptionType::codec:
      return "codec";
    case OptionType::choice:
      return "one of";
    case OptionType::bytes:
      return "size";
    case OptionType::duration:
      return "duration";
    case OptionType::any:
      return "any";
  }
  return "any";
}

std::string option_type_text(const Option& option) {
  std::string out(option_type_name(option.type));
  if (!option.choices.empty() && option.type != OptionType::choice) out += ", each one of";
  for (size_t i = 0; i < option.choices.size(); ++i)
    out += (i ? ", " : " ") + code(option.choices[i]);
  return out;
}

std::string option_table(std::span<const Option> options) {
  std::string out;
  for (const Option& option : options)
    if (option.obsolete.empty()) out += row(option);
  if (out.empty()) return out;
  return "| option | type | default | what |\n| --- | --- | --- | --- |\n" + out;
}

std::string option_table(PluginKind kind, const PluginInfo& info) {
  std::string out = option_table(info.options);
  std::string common;
  for (const Option& option : common_options(kind)) {
    if (!option.obsolete.empty()) continue;
    const bool own = std::any_of(info.options.begin(), info.options.end(),
                                 [&](const Option& o) { return o.name == option.name; });
    if (!own) common += (common.empty() ? "" : ", ") + code(option.name);
  }
  return out + (out.empty() ? "None of its own. " : "\n") + "As every " +
         std::string(kind_name(kind)) + ": " + common + ".\n";
}

std::string with_option_table(std::string_view page, std::string_view table) {
  const size_t begin = page.find(kBegin);
  const size_t end = page.find(kEnd);
  if (begin == page.npos || end == page.npos || end < begin) return "";
  std::string out(page.substr(0, begin + kBegin.size()));
  out += "\n";
  out += table;
  out += page.substr(end);
  return out;
}

}  // namespace penstock
