// Registry: every plugin of this binary, made by main() from the four lists (*.def) and passed
// down. No global state; a test makes one with just its own.
#pragma once

#include <span>
#include <string_view>

#include "pipeline/plugin/codec.h"
#include "pipeline/plugin/filter.h"
#include "pipeline/plugin/input.h"
#include "pipeline/plugin/output.h"

namespace penstock {

// A plugin that Logstash has, or had, and this binary lacks.
struct AbsentPlugin {
  PluginKind kind = PluginKind::input;
  std::string_view name;
  std::string_view instead;  // what to use instead: a clause that follows a colon
};

struct Registry {
  std::span<const InputPlugin> inputs;
  std::span<const CodecPlugin> codecs;
  std::span<const FilterPlugin> filters;
  std::span<const OutputPlugin> outputs;
  std::span<const AbsentPlugin> absent = {};  // a plugin that is there counts for more

  const InputPlugin* input(std::string_view name) const;
  const CodecPlugin* codec(std::string_view name) const;
  const FilterPlugin* filter(std::string_view name) const;
  const OutputPlugin* output(std::string_view name) const;
  const PluginInfo* info(PluginKind kind, std::string_view name) const;
  // What to use instead of a plugin that isn't there; "" when nobody knows its name.
  std::string_view instead_of(PluginKind kind, std::string_view name) const;
};

std::string_view kind_name(PluginKind kind);  // "input", ...

// The codec that `option` of a plugin names (`fallback` when unset), its options checked. The
// caller keeps `settings` for as long as it makes parts of it.
struct CodecChoice {
  const CodecPlugin* plugin = nullptr;
  Settings settings;

  // Of the plugin whose codec it is, with the codec's own ecs_compatibility if it is given.
  Context context(Context of_plugin) const;
};
Result<CodecChoice> choose_codec(const Settings& settings, std::string_view option,
                                 std::string_view fallback, const Registry& registry);

}  // namespace penstock
