// Cross-site scripting by HTML structure: tags that run script, event handler attributes, script
// URIs, and the ways out of an attribute or a script string. Linear time. Thread-safe.
#pragma once

#include <string_view>

#include "filters/threat/signal.h"

namespace penstock::threat {

// `text` is in lower case and decoded.
Signals find_markup(std::string_view text, Mode mode);

}  // namespace penstock::threat
