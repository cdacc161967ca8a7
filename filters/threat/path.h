// Path traversal and reading of files that no client should name. Climbs are counted after all the
// ways to write them: ../ ..\ ..;/ ....// ./../ and doubled slashes. Linear time. Thread-safe.
#pragma once

#include <string_view>

#include "filters/threat/signal.h"

namespace penstock::threat {

// `text` is in lower case. `decoded`: at least one layer of encoding was taken off.
Signals find_path(std::string_view text, Mode mode, bool decoded);

}  // namespace penstock::threat
