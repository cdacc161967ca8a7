// A CEF message taken apart: [syslog header] CEF:version|six more header fields|extensions, where
// an extension is key=value and values may hold spaces. One pass, no backtracking: a key is what
// stands between white space and the first equals sign of a word.
//
// Texts view the message; only one with escapes in it is copied.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "pipeline/base/arena.h"

namespace penstock::cef {

inline constexpr size_t kHeaderFields = 7;
// Extensions of one message; one with more is malformed.
inline constexpr size_t kExtensionsMax = 4096;

struct Extension {
  std::string_view key, value;
};

struct Message {
  std::array<std::string_view, kHeaderFields> header;  // [0]: the version, without "CEF:"
  std::string_view syslog;                             // what stood before CEF:
  bool has_syslog = false;
  std::vector<Extension> extensions;  // in order; keys may repeat
};

// False when `text`, well-formed UTF-8, is no CEF. `out` may be used again and again.
bool parse(std::string_view text, Arena& arena, Message& out);

// Without the quotes that some connectors put around a message.
std::string_view without_quotes(std::string_view text);

}  // namespace penstock::cef
