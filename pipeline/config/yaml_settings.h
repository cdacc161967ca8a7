// The settings file, `penstock.yml` or `logstash.yml`, with Logstash's keys, and what the command
// line sets instead. Start-up only; immutable afterwards.
//
//   EngineSettings settings;
//   if (!load_settings(folder, overrides, environment, settings, errors)) ...
//   settings.integer("pipeline.workers");
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/config/environment.h"
#include "pipeline/config/settings.h"

namespace penstock {

class EngineSettings {
 public:
  // Every key, with type, default and doc.
  static std::span<const Option> keys();

  // REQUIRES of all: `key` is one of keys(). The default when nothing set it.
  bool boolean(std::string_view key) const { return values_.boolean(key); }
  int64_t integer(std::string_view key) const { return values_.integer(key); }
  std::string string(std::string_view key) const { return values_.string(key); }
  int64_t bytes(std::string_view key) const;  // "64mb" counts in 1024s, unlike a plugin's
  int64_t milliseconds(std::string_view key) const { return values_.milliseconds(key); }
  bool is_given(std::string_view key) const { return values_.is_given(key); }
  // "penstock.yml:3:1", "the command line", "the default".
  std::string origin(std::string_view key) const;

  struct PortRange {
    uint16_t first = 0, last = 0;
  };
  PortRange api_ports() const;

  const std::string& file() const { return file_; }  // "" when there is none
  const Errors& warnings() const { return warnings_; }

 private:
  friend bool load_settings(const std::string&, const std::vector<struct SettingOverride>&,
                            const Environment&, EngineSettings&, Errors&);
  friend bool load_pipelines(const std::string&, const std::vector<struct SettingOverride>&,
                             const Environment&, std::vector<EngineSettings>&, Errors&);
  Settings values_;
  std::string file_;
  Errors warnings_;
};

// A key that the command line sets; it wins over the file.
struct SettingOverride {
  std::string key;
  std::string value;
};

// `folder` is `--path.settings`; "" when it wasn't given, and then there is no file. In it
// `penstock.yml` is read, or else `logstash.yml`. False when errors were added.
bool load_settings(const std::string& folder, const std::vector<SettingOverride>& overrides,
                   const Environment& environment, EngineSettings& out, Errors& errors);

// `pipelines.yml` of the folder: a list of pipelines, each with `pipeline.id` and either
// `path.config` or `config.string`. What else a pipeline sets wins over the command line, and that
// over the settings file, as in Logstash. Nothing in `out` when there is no such file. False when
// errors were added.
bool load_pipelines(const std::string& folder, const std::vector<SettingOverride>& overrides,
                    const Environment& environment, std::vector<EngineSettings>& out,
                    Errors& errors);

// The text of a settings file as options with dotted names: what load_settings() checks.
// `a: {b: 1}` and `a.b: 1` are the same. False when errors were added.
bool parse_settings(const std::string& text, const std::string& file,
                    const Environment& environment, PluginNode& out, Errors& errors);

}  // namespace penstock
