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

struct Registry {
  std::span<const InputPlugin> inputs;
  std::span<const CodecPlugin> codecs;
  std::span<const FilterPlugin> filters;
  std::span<const OutputPlugin> outputs;

  const InputPlugin* input(std::string_view name) const;
  const CodecPlugin* codec(std::string_view name) const;
  const FilterPlugin* filter(std::string_view name) const;
  const OutputPlugin* output(std::string_view name) const;
};

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
