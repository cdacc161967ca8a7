// Penstock's own log: lines on standard error, plain text or JSON. Thread-safe; a line is written
// with one system call. Events' contents and secrets never belong in a message: name the field,
// not its value.
//
//   log::warn("file", "{}: cannot open: {}", path, errno_text(errno));
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::log {

enum class Level : uint8_t { trace, debug, info, warn, error, fatal };
enum class Format : uint8_t { plain, json };

// Before threads start. Text is passed through `scrub` first, when set (the pii detectors).
void configure(Level level, Format format);
void set_scrubber(std::string (*scrub)(std::string_view text));
bool parse_level(std::string_view name, Level& level);

bool enabled(Level level);
// `source` names the speaker: a plugin ("elasticsearch"), or a part of the engine ("pipeline").
void write(Level level, std::string_view source, std::string_view message);

#define PENSTOCK_LOG_LEVEL_(name)                                                        \
  template <class... Args>                                                               \
  void name(std::string_view source, fmt::format_string<Args...> text, Args&&... args) { \
    if (enabled(Level::name))                                                            \
      write(Level::name, source, fmt::format(text, std::forward<Args>(args)...));        \
  }
PENSTOCK_LOG_LEVEL_(trace)
PENSTOCK_LOG_LEVEL_(debug)
PENSTOCK_LOG_LEVEL_(info)
PENSTOCK_LOG_LEVEL_(warn)
PENSTOCK_LOG_LEVEL_(error)
PENSTOCK_LOG_LEVEL_(fatal)
#undef PENSTOCK_LOG_LEVEL_

}  // namespace penstock::log
