// Ruby's (Onigmo's) regular-expression syntax, rewritten for PCRE2, so that expressions of
// existing configurations mean what they meant. Stateless, thread-safe; start-up only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/result.h"

namespace penstock {

struct RegexGroupName {
  std::string name;
  uint32_t group;
};

struct TranslatedRegex {
  std::string pattern;  // for PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE
  // Names are kept here and not in the pattern: Ruby allows names that PCRE2 doesn't ("[a][b]").
  std::vector<RegexGroupName> names;
};

// Error: what Ruby refuses too, or the few things that have no equal in PCRE2 (the absent
// operator, recursion levels), each named.
Result<TranslatedRegex> translate_ruby_regex(std::string_view pattern, bool ignore_case);

}  // namespace penstock
