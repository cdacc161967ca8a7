// Text of Logstash's configuration language to a ConfigTree. The grammar is that of Logstash's
// lscl (grammar.treetop, 9.x). Errors don't stop the parser at once: it resumes at the next
// plugin, so that a user sees all of them. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "pipeline/config/ast.h"

namespace penstock {

struct ParseOptions {
  bool support_escapes = false;  // config.support_escapes: \n, \t, \" ... in strings
  // ${NAME} and ${NAME:default}; nullptr result = not set. Unset without default is an error.
  std::function<const char*(const std::string& name)> environment;
};

// `file` is what errors call the text. Appends to `tree`; false when errors were added.
bool parse_config(std::string_view text, const std::string& file, const ParseOptions& options,
                  ConfigTree& tree, Errors& errors);

}  // namespace penstock
