// Command injection: a shell separator or substitution followed by a command. Words are read as a
// shell reads them (c'a't, c\at, ca$@t, $IFS and braces instead of blanks, /bin/c?t).
// Linear time. Thread-safe.
#pragma once

#include <string_view>

#include "filters/threat/signal.h"

namespace penstock::threat {

// Any case, decoded or not. Cheap when no separator is followed by a command.
Signals find_shell(std::string_view text, Mode mode);

}  // namespace penstock::threat
