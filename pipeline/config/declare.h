// How a declaration says what Logstash has under the same name, for `penstock compat`. Constants
// only; see Option::differs and PluginInfo::differs in settings.h.
//
//   own({"time_limit", OptionType::duration, "5s", "..."})              Logstash has no such option
//   differing({"sniffing", OptionType::boolean, ...}, "[true] only `hosts` are used")
//   refused("script", "scripted updates aren't supported")
//
// The text of a difference may begin with two marks, in this order:
//   !        it changes what is delivered: a configuration that uses the option isn't run without
//            --allow-differences
//   [value]  it shows with this value only
#pragma once

#include <string_view>

#include "pipeline/config/settings.h"

namespace penstock {

constexpr Option own(Option option) {
  option.own = true;
  return option;
}

constexpr Option differing(Option option, std::string_view how) {
  option.differs = how;
  return option;
}

// An option of Logstash's, past or present, that is an error here.
constexpr Option refused(std::string_view name, std::string_view advice) {
  return {name, OptionType::any, "", "", false, {}, advice};
}

// A difference, its marks taken off.
struct Difference {
  std::string_view how;    // "" = none
  std::string_view value;  // "" = with any value
  bool alters = false;     // changes what is delivered
};

constexpr Difference read_difference(std::string_view text) {
  Difference out;
  out.alters = text.starts_with('!');
  if (out.alters) text.remove_prefix(1);
  if (const size_t end = text.find("] "); text.starts_with('[') && end != text.npos) {
    out.value = text.substr(1, end - 1);
    text.remove_prefix(end + 2);
  }
  out.how = text;
  return out;
}

}  // namespace penstock
