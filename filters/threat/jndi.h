// Log4Shell: ${jndi:...}, also when its letters hide in nested lookups: ${${lower:j}ndi:...},
// ${${::-j}${env:X:-n}di:...}. The lookups are resolved as Log4j would. Linear time. Thread-safe.
#pragma once

#include <string_view>

#include "filters/threat/signal.h"

namespace penstock::threat {

// `text` is in lower case.
Signals find_jndi(std::string_view text);

}  // namespace penstock::threat
