#include "pipeline/cli/plugins_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "pipeline/plugin/option_table.h"

namespace penstock {
namespace {

constexpr size_t kTextColumns = 96;

template <class Plugins>
void list(std::string& out, std::string_view title, const Plugins& plugins) {
  out += fmt::format("{}\n", title);
  size_t width = 0;
  for (const auto& plugin : plugins) width = std::max(width, plugin.info.name.size());
  for (const auto& plugin : plugins)
    out += fmt::format("  {:<{}}  {}\n", plugin.info.name, width, plugin.info.summary);
}

// Words of `text` in lines of at most kTextColumns, each indented.
std::string wrapped(std::string_view text, size_t indent) {
  std::string out;
  std::string line;
  while (!text.empty()) {
    const size_t space = std::min(text.find(' '), text.size());
    if (!line.empty() && indent + line.size() + 1 + space > kTextColumns) {
      out += std::string(indent, ' ') + line + "\n";
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return line.empty() ? out : out + std::string(indent, ' ') + line + "\n";
}

std::string type_text(const Option& option) {
  std::string out(option_type_name(option.type));
  for (size_t i = 0; i < option.choices.size(); ++i)
    out += fmt::format("{}{}", i == 0 ? " " : "|", option.choices[i]);
  return out;
}

void describe(std::string& out, const Option& option) {
  if (!option.obsolete.empty()) return;
  out += fmt::format("  {} ({}{})\n", option.name, type_text(option),
                     option.required           ? ", required"
                     : option.fallback.empty() ? ""
                                               : fmt::format(", default {}", option.fallback));
  out += wrapped(option.doc, 6);
}

void describe(std::string& out, PluginKind kind, std::string_view kind_name,
              const PluginInfo& info) {
  out += fmt::format("{} {}\n{}\nOptions\n", kind_name, info.name, wrapped(info.summary, 2));
  std::set<std::string_view> own;
  for (const Option& option : info.options) {
    own.insert(option.name);
    describe(out, option);
  }
  if (info.options.empty()) out += "  none of its own\n";
  out += fmt::format("\nCommon options of every {}\n", kind_name);
  for (const Option& option : common_options(kind))
    if (!own.contains(option.name)) describe(out, option);
}

}  // namespace

std::string list_plugins(const Registry& registry) {
  std::string out;
  list(out, "inputs", registry.inputs);
  list(out, "codecs", registry.codecs);
  list(out, "filters", registry.filters);
  list(out, "outputs", registry.outputs);
  return out + "\n`penstock plugins NAME` shows a plugin's options.\n";
}

std::string describe_plugin(const Registry& registry, std::string_view name) {
  std::string out;
  const auto add = [&](const auto* plugin, PluginKind kind, std::string_view kind_name) {
    if (!plugin) return;
    if (!out.empty()) out += "\n";
    describe(out, kind, kind_name, plugin->info);
  };
  add(registry.input(name), PluginKind::input, "input");
  add(registry.codec(name), PluginKind::codec, "codec");
  add(registry.filter(name), PluginKind::filter, "filter");
  add(registry.output(name), PluginKind::output, "output");
  return out;
}

}  // namespace penstock
