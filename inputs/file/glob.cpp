#include "inputs/file/glob.h"

#include <dirent.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <span>

namespace penstock::file {
namespace {

constexpr size_t kFolderDepthMax = 64;  // that ** descends; symbolic links may form cycles

bool is_pattern(std::string_view text) { return text.find_first_of("*?[{") != text.npos; }

// The first {...} of `pattern`, alternatives one by one; nested braces are expanded in turn.
void expand_braces(const std::string& pattern, std::vector<std::string>& out) {
  const size_t open = pattern.find('{');
  size_t depth = 0, close = std::string::npos;
  for (size_t i = open; i < pattern.size(); ++i) {
    if (pattern[i] == '{') ++depth;
    if (pattern[i] == '}' && --depth == 0) {
      close = i;
      break;
    }
  }
  if (open == std::string::npos || close == std::string::npos) {
    if (out.size() < kAlternativesMax) out.push_back(pattern);
    return;
  }
  size_t from = open + 1;
  for (size_t i = open + 1; i <= close; ++i) {
    if (pattern[i] == '{') ++depth;
    if (pattern[i] == '}' && i < close) --depth;
    if (i < close && (pattern[i] != ',' || depth > 0)) continue;
    if (out.size() >= kAlternativesMax) return;
    expand_braces(
        pattern.substr(0, open) + pattern.substr(from, i - from) + pattern.substr(close + 1), out);
    from = i + 1;
  }
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    if (slash != 0) out.emplace_back(path.substr(0, slash));
    path = slash == path.npos ? std::string_view() : path.substr(slash + 1);
  }
  return out;
}

struct Entry {
  std::string name;
  bool folder;
};

std::vector<Entry> list(const std::string& folder) {
  std::vector<Entry> out;
  DIR* handle = opendir(folder.empty() ? "/" : folder.c_str());
  if (!handle) return out;
  while (const dirent* entry = readdir(handle)) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    bool is_folder = entry->d_type == DT_DIR;
    if (entry->d_type == DT_UNKNOWN || entry->d_type == DT_LNK) {
      struct stat info {};
      is_folder = stat((folder + "/" + name).c_str(), &info) == 0 && S_ISDIR(info.st_mode);
    }
    out.push_back({name, is_folder});
  }
  closedir(handle);
  return out;
}

using Segments = std::span<const std::string>;

void walk(const std::string& folder, Segments segments, size_t depth,
          std::vector<std::string>& out) {
  if (out.size() >= kFilesMax) return;
  if (segments.empty()) {
    out.push_back(folder);
    return;
  }
  const std::string& segment = segments[0];
  if (!is_pattern(segment)) {
    const std::string path = folder + "/" + segment;
    struct stat info {};
    if (stat(path.c_str(), &info) == 0 && (segments.size() == 1 || S_ISDIR(info.st_mode)))
      walk(path, segments.subspan(1), depth, out);
    return;
  }
  const bool any_folders = segment == "**" && segments.size() > 1;
  if (any_folders) walk(folder, segments.subspan(1), depth, out);
  for (const Entry& entry : list(folder)) {
    const std::string path = folder + "/" + entry.name;
    if (any_folders) {
      if (entry.folder && entry.name[0] != '.' && depth < kFolderDepthMax)
        walk(path, segments, depth + 1, out);
    } else if (fnmatch(segment.c_str(), entry.name.c_str(), FNM_PERIOD) == 0 &&
               (segments.size() == 1 || entry.folder)) {
      walk(path, segments.subspan(1), depth, out);
    }
  }
}

}  // namespace

std::vector<std::string> expand(std::string_view pattern) {
  std::vector<std::string> patterns, out;
  expand_braces(std::string(pattern), patterns);
  for (const std::string& one : patterns) walk("", split_path(one), 0, out);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string fixed_folder(std::string_view pattern) {
  std::string folder;
  const std::vector<std::string> segments = split_path(pattern);
  for (size_t i = 0; i + 1 < segments.size() && !is_pattern(segments[i]); ++i)
    folder += "/" + segments[i];
  return folder.empty() ? "/" : folder;
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view name) {
  const std::string text(name);
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
  });
}

}  // namespace penstock::file
