#include "pipeline/plugin/registry.h"

namespace penstock {
namespace {

template <class Plugin>
const Plugin* find(std::span<const Plugin> plugins, std::string_view name) {
  for (const Plugin& plugin : plugins)
    if (plugin.info.name == name) return &plugin;
  return nullptr;
}

}  // namespace

const InputPlugin* Registry::input(std::string_view name) const { return find(inputs, name); }
const CodecPlugin* Registry::codec(std::string_view name) const { return find(codecs, name); }
const FilterPlugin* Registry::filter(std::string_view name) const { return find(filters, name); }
const OutputPlugin* Registry::output(std::string_view name) const { return find(outputs, name); }

Context CodecChoice::context(Context of_plugin) const {
  const std::string ecs = settings.string("ecs_compatibility");
  if (ecs == "disabled") of_plugin.ecs = Ecs::disabled;
  if (ecs == "v1") of_plugin.ecs = Ecs::v1;
  if (ecs == "v8") of_plugin.ecs = Ecs::v8;
  return of_plugin;
}

const PluginInfo* Registry::info(PluginKind kind, std::string_view name) const {
  const auto info_of = [](const auto* plugin) { return plugin ? &plugin->info : nullptr; };
  switch (kind) {
    case PluginKind::input:
      return info_of(input(name));
    case PluginKind::codec:
      return info_of(codec(name));
    case PluginKind::filter:
      return info_of(filter(name));
    case PluginKind::output:
      return info_of(output(name));
  }
  return nullptr;
}

std::string_view Registry::instead_of(PluginKind kind, std::string_view name) const {
  for (const AbsentPlugin& plugin : absent)
    if (plugin.kind == kind && plugin.name == name) return plugin.instead;
  return "";
}

std::string_view kind_name(PluginKind kind) {
  switch (kind) {
    case PluginKind::input:
      return "input";
    case PluginKind::codec:
      return "codec";
    case PluginKind::filter:
      return "filter";
    case PluginKind::output:
      return "output";
  }
  return "";
}

Result<CodecChoice> choose_codec(const Settings& settings, std::string_view option,
                                 std::string_view fallback, const Registry& registry) {
  PluginNode node;
  node.name = fallback;
  node.where = settings.where();
  if (const auto given = settings.codec(option)) node = *given;
  const CodecPlugin* plugin = registry.codec(node.name);
  if (!plugin) return settings.error(option, "there is no codec `" + node.name + "`");
  Errors errors;
  Settings checked = Settings::check(PluginKind::codec, plugin->info, node, errors);
  if (!errors.empty()) return errors.front();
  return CodecChoice{plugin, std::move(checked)};
}

}  // namespace penstock
