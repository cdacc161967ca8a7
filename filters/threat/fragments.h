// What a client sent, cut out of the text that carries it: the path and the parameters of a URL
// or request line, wherever it stands in a log line; form fields; the strings of a JSON body.
#pragma once

#include <string_view>
#include <vector>

#include "filters/threat/signal.h"

namespace penstock::threat {

// What a field's name says of its content.
enum class FieldKind : uint8_t {
  text,     // anything: messages
  request,  // sent by a client: query, body, headers, cookies
  url,      // a URL or its path
  agent,    // a user agent
};

struct Fragment {
  enum class Kind : uint8_t { whole, path, value };
  std::string_view text;
  std::string_view name;  // of a parameter
  Kind kind = Kind::whole;
  Mode mode = Mode::text;
};

inline constexpr size_t kFragmentsMax = 64;

// Is the text a payload by itself? `raw` is as received, before decoding.
Mode mode_of(std::string_view raw, FieldKind kind);

// The fragments of `view` (lower case, perhaps decoded), the whole text first. `mode` is the
// whole text's.
void cut(std::string_view view, FieldKind kind, Mode mode, std::vector<Fragment>& out);

}  // namespace penstock::threat
