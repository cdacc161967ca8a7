// filebeat.yml to the configuration language: what `penstock convert` writes. Every key that isn't
// carried over leaves a note, so that nothing is lost silently. Facts about Filebeat's options are
// from its reference (8.x and 9.x).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/result.h"

namespace penstock {

struct ConversionNote {
  bool unsupported = false;  // else it works, and differs
  uint32_t line = 0;         // of filebeat.yml
  std::string key;           // "processors.script"
  std::string text;
};

struct Conversion {
  std::string config;
  std::vector<ConversionNote> notes;
};

// `name` is what errors and the first comment call the text.
Result<Conversion> convert_filebeat(const std::string& text, const std::string& name);

}  // namespace penstock
