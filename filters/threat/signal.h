// What the hand-written detectors can tell. A rule with `detector: sql.union` fires on that signal;
// its score, title and technique stay data. The names are part of the rule language.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock::threat {

enum class Signal : uint8_t {
  sql_union,
  sql_tautology,
  sql_function,
  sql_stacked,
  sql_comment,
  sql_order,
  sql_subquery,
  sql_file,
  sql_obfuscated,
  sql_break,
  sql_statement,
  sql_schema,
  html_script,
  html_handler,
  html_uri,
  html_element,
  html_attribute,
  html_code,
  shell_command,
  shell_weak,
  shell_substitution,
  path_climb,
  path_climb_file,
  path_file,
  path_encoded,
  jndi_lookup,
  jndi_hidden,
  url_internal,
  url_metadata,
  url_disguised,
  url_scheme,
  url_include,
  state_brute_force,
  state_spraying,
  state_flood,
  count_,
};
inline constexpr size_t kSignals = static_cast<size_t>(Signal::count_);
static_assert(kSignals <= 64);

inline constexpr std::array<std::string_view, kSignals> kSignalNames = {
    "sql.union",          "sql.tautology",  "sql.function",      "sql.stacked",    "sql.comment",
    "sql.order",          "sql.subquery",   "sql.file",          "sql.obfuscated", "sql.break",
    "sql.statement",      "sql.schema",     "html.script",       "html.handler",   "html.uri",
    "html.element",       "html.attribute", "html.code",         "shell.command",  "shell.weak",
    "shell.substitution", "path.climb",     "path.climb_file",   "path.file",      "path.encoded",
    "jndi.lookup",        "jndi.hidden",    "url.internal",      "url.metadata",   "url.disguised",
    "url.scheme",         "url.include",    "state.brute_force", "state.spraying", "state.flood",
};

using Signals = uint64_t;
constexpr Signals bit(Signal signal) { return uint64_t{1} << static_cast<unsigned>(signal); }

// Where a text comes from decides how little is enough: `value` is something a client sent (a query
// parameter, a JSON string of a body); `text` is anything, such as a log message.
enum class Mode : uint8_t { text, value };

}  // namespace penstock::threat
