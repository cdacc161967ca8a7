// SQL injection by structure: the text is cut into SQL tokens and these are looked at, not the
// characters, so white space, comments, case, quoting and the operators chosen don't matter.
//
// A payload begins in the middle of somebody's statement, possibly inside a string. So the text is
// read up to three times: as it stands, as if a ' had been opened before it, and as if a " had
// (libinjection's idea; what is asked of the tokens is our own). A statement that is whole, as an
// ORM logs it, is no injection. Linear time. Thread-safe.
#pragma once

#include <string_view>

#include "filters/threat/signal.h"

namespace penstock::threat {

// `text` is in lower case and decoded.
Signals find_sql(std::string_view text, Mode mode);

}  // namespace penstock::threat
