// URLs where a client's value should hold a name: server-side request forgery (internal hosts in
// every notation, cloud metadata services, odd schemes) and remote file inclusion. Thread-safe.
#pragma once

#include <string_view>

#include "filters/threat/signal.h"

namespace penstock::threat {

// `text` is in lower case. `name` is the parameter's, "" when unknown; `whole`: the text is all of
// the value and not a part of it.
Signals find_url(std::string_view text, std::string_view name, Mode mode);

}  // namespace penstock::threat
