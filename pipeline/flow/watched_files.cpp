#include "pipeline/flow/watched_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace penstock {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFilesPerFolderMax = 1000;

std::string stamp_of(const struct stat& info) {
  return fmt::format("{}.{:09}/{}/{}.{}", info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_size,
                     info.st_dev, info.st_ino);
}

// Inputs and outputs have paths that they follow or write; what they read once has such a name.
bool names_material(std::string_view option) {
  return option.starts_with("ssl_") || option == "cacert" || option == "keystore" ||
         option == "truststore" || option == "template";
}

bool is_watched(PluginKind kind, const Option& option) {
  const bool reads_only = kind == PluginKind::filter || kind == PluginKind::codec;
  if (option.name == "patterns_dir") return reads_only;
  if (option.type == OptionType::path) return reads_only || names_material(option.name);
  return option.type == OptionType::strings && option.name == "ssl_certificate_authorities";
}

void add_files(PluginKind kind, const PluginInfo& info, const Settings& settings,
               std::set<std::string>& out) {
  for (const Option& option : info.options) {
    if (!is_watched(kind, option) || !settings.has(option.name)) continue;
    if (option.type == OptionType::strings) {
      for (const std::string& path : settings.strings(option.name)) out.insert(path);
    } else {
      out.insert(settings.string(option.name));
    }
  }
}

template <class P>
void add_files(PluginKind kind, const Planned<P>& planned, std::set<std::string>& out) {
  add_files(kind, planned.plugin->info, planned.settings, out);
  if (planned.codec.plugin)
    add_files(PluginKind::codec, planned.codec.plugin->info, planned.codec.settings, out);
}

template <class P>
void add_block(PluginKind kind, const PlanBlock<P>& block, std::set<std::string>& out) {
  for (const auto& step : block) {
    if (step.plugin) add_files(kind, *step.plugin, out);
    if (step.branch)
      for (const auto& arm : step.branch->arms) add_block(kind, arm.block, out);
  }
}

template <class P>
std::string identity(PluginKind kind, const Planned<P>& planned) {
  std::string out =
      fmt::format("{}\n{}\n{}", planned.id, static_cast<int>(planned.ecs), planned.text);
  std::set<std::string> files;
  add_files(kind, planned, files);
  for (const std::string& file : files) out += '\n' + file + ' ' + file_stamp(file);
  return out;
}

}  // namespace

std::string file_stamp(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return "";
  if (!S_ISDIR(info.st_mode)) return stamp_of(info);
  std::vector<std::string> stamps;
  std::error_code error;
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    if (stamps.size() >= kFilesPerFolderMax) break;
    struct stat inside {};
    if (stat(at->path().c_str(), &inside) == 0 && S_ISREG(inside.st_mode))
      stamps.push_back(at->path().filename().string() + ' ' + stamp_of(inside));
  }
  std::sort(stamps.begin(), stamps.end());
  std::string out;
  for (const std::string& stamp : stamps) out += stamp + '\n';
  return out;
}

std::vector<std::string> watched_files(const Plan& plan) {
  std::set<std::string> out;
  for (const auto& input : plan.inputs) add_files(PluginKind::input, input, out);
  add_block(PluginKind::filter, plan.filters, out);
  add_block(PluginKind::output, plan.outputs, out);
  out.erase("");
  return {out.begin(), out.end()};
}

std::string identity_of(const Planned<InputPlugin>& planned) {
  return identity(PluginKind::input, planned);
}

std::string identity_of(const Planned<OutputPlugin>& planned) {
  return identity(PluginKind::output, planned);
}

}  // namespace penstock
