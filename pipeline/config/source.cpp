#include "pipeline/config/source.h"

#include <glob.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <vector>

namespace penstock {
namespace {

namespace fs = std::filesystem;

// Hidden files, what editors leave behind, and the tests of a configuration.
bool is_ignored(const std::string& name) {
  return name.empty() || name[0] == '.' || name[0] == '~' || name.back() == '~' ||
         name.ends_with(".test");
}

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->is_regular_file(ignored) && !is_ignored(at->path().filename().string()))
      out.push_back(at->path().string());
  }
  return out;
}

std::vector<std::string> files_matching(const std::string& pattern) {
  std::vector<std::string> out;
  glob_t found{};
  if (glob(pattern.c_str(), GLOB_BRACE, nullptr, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; ++i) {
      std::error_code ignored;
      const fs::path path = found.gl_pathv[i];
      if (fs::is_regular_file(path, ignored) && !is_ignored(path.filename().string()))
        out.push_back(path.string());
    }
  globfree(&found);
  return out;
}

std::vector<std::string> files_of(const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return files_in(path);
  if (fs::exists(path, ignored)) return {path};
  return files_matching(path);
}

Result<std::string> read_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return io_error(file + ": cannot open: " + errno_text(errno));
  std::string text;
  char chunk[65536];
  while (in.read(chunk, sizeof chunk) || in.gcount() > 0) {
    text.append(chunk, static_cast<size_t>(in.gcount()));
    if (text.size() > kConfigFileBytesMax)
      return io_error(file + ": larger than " + std::to_string(kConfigFileBytesMax >> 20) +
                      " MiB, so hardly a configuration");
  }
  if (in.bad()) return io_error(file + ": cannot read: " + errno_text(errno));
  return text;
}

bool has_section(const ConfigTree& tree, SectionKind kind) {
  return std::any_of(tree.sections.begin(), tree.sections.end(),
                     [&](const Section& section) { return section.kind == kind; });
}

}  // namespace

std::vector<std::string> config_files(const std::string& path) {
  std::vector<std::string> files = files_of(path);
  std::sort(files.begin(), files.end());
  return files;
}

bool load_config(const std::string& path, const ParseOptions& options, ConfigTree& tree,
                 Errors& errors) {
  const size_t before = errors.size();
  const std::vector<std::string> files = config_files(path);
  if (files.empty())
    errors.push_back({Errc::not_found, path + ": there is no configuration file", {}});
  for (const std::string& file : files) {
    const auto text = read_text(file);
    if (!text.ok())
      errors.push_back(text.error());
    else
      parse_config(text.value(), file, options, tree, errors);
  }
  return errors.size() == before;
}

bool load_config_string(std::string_view text, const ParseOptions& options, ConfigTree& tree,
                        Errors& errors) {
  ConfigTree own;
  const bool good = parse_config(text, "config.string", options, own, errors);
  if (good && !has_section(own, SectionKind::input))
    parse_config("input { stdin { type => stdin } }", "default", options, own, errors);
  if (good && !has_section(own, SectionKind::output))
    parse_config("output { stdout { codec => rubydebug } }", "default", options, own, errors);
  for (Section& section : own.sections) tree.sections.push_back(std::move(section));
  tree.warnings.insert(tree.warnings.end(), own.warnings.begin(), own.warnings.end());
  return good;
}

}  // namespace penstock
