// What a plugin declares about its options, once, and what it then reads. Validation, `penstock
// plugins NAME` and the option tables of the doc pages all come from the declaration.
// Immutable after check(); thread-safe.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/config/ast.h"
#include "pipeline/event/field_ref.h"
#include "pipeline/event/interpolate.h"

namespace penstock {

enum class OptionType : uint8_t {
  boolean,   // true, false
  integer,   // 42
  number,    // 42, 0.5
  string,    // any scalar; may hold %{...} where the doc says so
  password,  // a string that is never printed
  path,      // a file or folder
  uri,       // a URL, checked
  field,     // a field reference "[a][b]"
  strings,   // an array of scalars; a single scalar is an array of one
  uris,      // an array of URLs
  fields,    // an array of field references
  hash,      // { key => value ... }, values may nest
  codec,     // a codec: json or json { ... }
  choice,    // one of `choices`
  bytes,     // 42, "10kb", "20mib"
  duration,  // seconds as a number, or "5s", "200ms", "1 hour"
  any,       // the plugin checks it
};

struct Option {
  std::string_view name;
  OptionType type;
  std::string_view fallback;  // the default in the config language; "" = unset
  std::string_view doc;       // one or two sentences
  bool required = false;
  std::span<const std::string_view> choices = {};  // of `choice`; of `strings` when not empty
  std::string_view obsolete = {};  // non-empty: using the option is an error with this advice
  std::string_view differs = {};   // how it differs from Logstash's option; "" = it means the same
  bool own = false;                // Logstash has no such option
};

struct PluginInfo {
  std::string_view name;
  std::string_view summary;         // one sentence for `penstock plugins`
  std::span<const Option> options;  // the plugin's own; common ones are added by its kind
  std::string_view differs = {};    // as of an option, for the plugin as a whole
  bool own = false;                 // Logstash has no such plugin
};

enum class PluginKind : uint8_t { input, codec, filter, output };

// Options that every plugin of the kind has (id, add_field, tags, ...).
std::span<const Option> common_options(PluginKind kind);

class Settings {
 public:
  // Checks `node` against the declaration; every fault is added to `errors`. The result may only
  // be used when nothing was added.
  static Settings check(PluginKind kind, const PluginInfo& info, const PluginNode& node,
                        Errors& errors);
  // The same for options that belong to no plugin; `owner` names what they belong to.
  static Settings check(std::string_view owner, std::span<const Option> options,
                        const PluginNode& node, Errors& errors);

  // REQUIRES of all getters: the option was declared with a fitting type. An unset option without
  // a default gives false, 0, "" or empty; ask has() where that matters.
  bool has(std::string_view option) const;       // set in the config, or has a default
  bool is_given(std::string_view option) const;  // set in the config
  bool boolean(std::string_view option) const;
  int64_t integer(std::string_view option) const;
  double number(std::string_view option) const;
  std::string string(std::string_view option) const;  // string, password, path, uri, choice
  std::vector<std::string> strings(std::string_view option) const;
  FieldRef field(std::string_view option) const;
  std::vector<FieldRef> fields(std::string_view option) const;
  int64_t bytes(std::string_view option) const;
  int64_t milliseconds(std::string_view option) const;
  // key => value pairs in the order written; keys are scalars.
  std::vector<std::pair<ConfigValue, ConfigValue>> hash(std::string_view option) const;
  // The codec's node; nullptr when unset.
  std::shared_ptr<PluginNode> codec(std::string_view option) const;
  // As written, repeated attributes merged; nullptr when unset and without default.
  const ConfigValue* value(std::string_view option) const;

  Where where() const { return where_; }       // of the plugin
  Where where(std::string_view option) const;  // of the option, else of the plugin
  Error error(std::string_view option,
              std::string message) const;  // "option: message" with its place

 private:
  struct Entry {
    const Option* option;
    bool given;
    Where where;
    std::shared_ptr<const ConfigValue> value;
  };
  static Settings check_all(std::string_view owner, const std::vector<const Option*>& options,
                            const PluginNode& node, Errors& errors);
  const Entry* find(std::string_view option) const;

  Where where_;
  std::vector<Entry> entries_;
};

}  // namespace penstock
