#include "pipeline/patterns/files.h"

#include <glob.h>

#include <filesystem>
#include <vector>

namespace penstock {
namespace {

Result<std::vector<std::string>> matching_files(const std::string& path, const std::string& glob) {
  std::error_code error;
  const bool folder = std::filesystem::is_directory(path, error);
  const std::string pattern = folder ? path + "/" + glob : path;
  std::vector<std::string> out;
  glob_t found{};
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; ++i)
      if (!std::filesystem::is_directory(found.gl_pathv[i], error))
        out.emplace_back(found.gl_pathv[i]);
  ::globfree(&found);
  if (out.empty() && !folder) return io_error("no file matches " + path);
  return out;
}

}  // namespace

Status add_pattern_files(const std::string& path, const std::string& glob, GrokDictionary& out) {
  TRY(const auto files, matching_files(path, glob));
  for (const std::string& file : files) TRY_STATUS(out.add_file(file));
  return ok_status();
}

}  // namespace penstock
