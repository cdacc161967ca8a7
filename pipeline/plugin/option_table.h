// The options table of a plugin's doc page, made of its declaration; a test holds every page to
// it, and `tools/option_docs` writes them.
#pragma once

#include <string>
#include <string_view>

#include "pipeline/config/settings.h"

namespace penstock {

// "array of strings", "size", ...: the one list of words for types, on the pages and in `plugins`.
std::string_view option_type_name(OptionType type);
// "one of `tail`, `read`", "array of strings", ...
std::string option_type_text(const Option& option);

// Markdown: a row per option that isn't obsolete; "" when there is none.
std::string option_table(std::span<const Option> options);
// The same of a plugin's own options, and a sentence with the common ones.
std::string option_table(PluginKind kind, const PluginInfo& info);

// `page` with what stands between the markers replaced; "" when it has no markers.
std::string with_option_table(std::string_view page, std::string_view table);

}  // namespace penstock
