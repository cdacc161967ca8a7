// Tokens: times, addresses and ids, of digits, the letters a to f, "-", "." and ":", and a T or Z
// behind a digit. Most texts that never come twice are tokens, and no rule looks for anything
// there.
#pragma once

#include <string_view>

namespace penstock::threat {

// A short text of such bytes alone, without two dashes (a comment of SQL) or dots in a row and
// without a link-local address (the metadata services of clouds).
bool is_token(std::string_view text);

// Whether the literal could occur in a token.
bool fits_token(std::string_view literal);

}  // namespace penstock::threat
