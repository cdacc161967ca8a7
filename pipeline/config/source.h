// Where a pipeline's configuration comes from: files, folders, globs, or a text on the command
// line. Start-up only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/config/parser.h"

namespace penstock {

// Larger files are refused.
inline constexpr size_t kConfigFileBytesMax = size_t{16} << 20;

// `path`: a file, a folder (all of its files but hidden ones and backups), or a glob like
// "conf.d/*.conf". The files, in the order of their names, make one pipeline. False when errors
// were added.
bool load_config(const std::string& path, const ParseOptions& options, ConfigTree& tree,
                 Errors& errors);

// The files that `path` stands for now, in order.
std::vector<std::string> config_files(const std::string& path);

// `-e TEXT`. As in Logstash, a text without input reads standard input, and one without output
// writes to standard output.
bool load_config_string(std::string_view text, const ParseOptions& options, ConfigTree& tree,
                        Errors& errors);

}  // namespace penstock
