// What letters a regular expression needs: texts without them can be refused without a search.
// Stateless, thread-safe; start-up only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

// Shorter literals are in most texts and not worth a look.
inline constexpr size_t kRequiredLettersMin = 3;

// ASCII texts of which at least one is inside of every match; empty when nothing can be said. With
// `lowered` they are in lower case and to be looked for in lowered text. Understands as much of
// Ruby's and PCRE2's syntax as it needs to be sure; what it doesn't know may match anything.
std::vector<std::string> required_literals(std::string_view regex, bool lowered);

}  // namespace penstock
