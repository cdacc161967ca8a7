// Pattern files of a configuration (`patterns_dir`). Start-up only.
#pragma once

#include <string>

#include "pipeline/patterns/dictionary.h"

namespace penstock {

// Adds a file, or the files of a folder that match `glob`; `path` may be a glob itself. Error: none
// is there, or one can't be read.
Status add_pattern_files(const std::string& path, const std::string& glob, GrokDictionary& out);

}  // namespace penstock
