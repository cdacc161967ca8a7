// File name patterns as Ruby's Dir.glob understands them, which is what Logstash's `path` takes:
// * ? [a-z] within a name, {a,b} alternatives, and ** for any number of folders. Names that begin
// with a dot are matched only by patterns that do. Stateless.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace penstock::file {

// At most this many files are found by one pattern, and alternatives by one set of braces.
inline constexpr size_t kFilesMax = 100'000;
inline constexpr size_t kAlternativesMax = 1000;

// Paths that exist and match, sorted. `pattern` is absolute.
std::vector<std::string> expand(std::string_view pattern);

// The folders that may get new matches, for watching: the fixed part of the pattern.
std::string fixed_folder(std::string_view pattern);

// Whether the name (not a path) matches one of the patterns.
bool matches_any(const std::vector<std::string>& patterns, std::string_view name);

}  // namespace penstock::file
