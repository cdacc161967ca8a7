// The escapes of JSON's strings (RFC 8259), read. Stateless.
#pragma once

#include <string_view>

namespace penstock {

// Writes the unescaped `raw` at `to` (which has raw.size() bytes: no escape grows). Null when an
// escape is wrong. `lossy`: the text says less than the raw form did.
char* unescape_json(std::string_view raw, char* to, bool& lossy);

}  // namespace penstock
