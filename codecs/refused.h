// Codecs that are known by name so that a configuration with one gets a clear answer.
#pragma once

#include "pipeline/plugin/codec.h"

namespace penstock {

// A plugin that can't be made: `advice`, a function that gives the sentence, says what to do.
template <std::string_view (*advice)()>
CodecPlugin refused_codec(const PluginInfo& info) {
  return {info, nullptr,
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Decoder>> {
            return Error{Errc::bad_config, std::string(advice()), settings.where()};
          },
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Encoder>> {
            return Error{Errc::bad_config, std::string(advice()), settings.where()};
          }};
}

}  // namespace penstock
