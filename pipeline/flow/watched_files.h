// The files that plugins read once, when they are made: databases, dictionaries, patterns, scripts,
// rules, certificates. When one changes, what was made of it is out of date. Main thread.
#pragma once

#include <string>
#include <vector>

#include "pipeline/flow/plan.h"

namespace penstock {

// What tells a file from a changed one: time, size and inode; of a folder, of the files in it. The
// same text for the same file; "" for what isn't there.
std::string file_stamp(const std::string& path);

// Of all plugins. What they write to, follow, or look after themselves is left out.
std::vector<std::string> watched_files(const Plan& plan);

// The plugin's configuration and the stamps of its files: what has the same needn't be made anew.
std::string identity_of(const Planned<InputPlugin>& planned);
std::string identity_of(const Planned<OutputPlugin>& planned);

}  // namespace penstock
