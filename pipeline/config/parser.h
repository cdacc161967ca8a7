// Text of Logstash's configuration language to a ConfigTree. The grammar is that of Logstash's
// lscl (grammar.treetop, 9.x). Errors don't stop the parser at once: it resumes at the next
// plugin, so that a user sees all of them. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "pipeline/config/ast.h"
#include "pipeline/config/environment.h"

namespace penstock {

struct ParseOptions {
  bool support_escapes = false;  // config.support_escapes: \n, \t, \" ... in strings
  Environment environment;       // for ${NAME}
};

// `file` is what errors call the text. Appends to `tree`; false when errors were added.
bool parse_config(std::string_view text, const std::string& file, const ParseOptions& options,
                  ConfigTree& tree, Errors& errors);

// One value, as it stands right of `=>`: the defaults of options are written so.
Result<ConfigValue> parse_value(std::string_view text);

// Levels of blocks, values and parentheses in each other; more is an error.
inline constexpr uint32_t kConfigDepthMax = 100;
// Terms that `and` and `or` may join in one pair of parentheses.
inline constexpr size_t kConfigTermsMax = 1000;
// The parser gives up after this many errors.
inline constexpr size_t kConfigErrorsMax = 100;

}  // namespace penstock
