#include "filters/threat/jndi.h"

#include <string>
#include <vector>

namespace penstock::threat {
namespace {

constexpr size_t kNestingMax = 64;
constexpr size_t kResolvedMax = 8192;

// What a lookup becomes: the default behind ":-", else what lower: and upper: print, else its last
// part, since that is what a value looks like to the eye of a defender.
std::string_view resolve(std::string_view body) {
  if (const size_t fallback = body.find(":-"); fallback != std::string_view::npos)
    return body.substr(fallback + 2);
  for (const std::string_view name : {"lower:", "upper:", "lo:", "up:"})
    if (body.starts_with(name)) return body.substr(name.size());
  if (body.starts_with("date:")) {
    body.remove_prefix(5);
    while (!body.empty() && body.front() == '\'') body.remove_prefix(1);
    while (!body.empty() && body.back() == '\'') body.remove_suffix(1);
    return body;
  }
  if (const size_t colon = body.rfind(':'); colon != std::string_view::npos)
    return body.substr(colon + 1);
  return {};
}

}  // namespace

Signals find_jndi(std::string_view text) {
  Signals found = 0;
  std::string out;              // the text with lookups resolved
  std::vector<size_t> lookups;  // where in `out` the open ones begin
  size_t resolved = 0;
  const auto check = [&](std::string_view body, bool nested) {
    while (!body.empty() && (body.front() == ' ' || body.front() == '\t')) body.remove_prefix(1);
    if (body.starts_with("jndi:") || body.starts_with("jndi${") ||
        (nested && body.starts_with("jndi")))
      found |= bit(nested ? Signal::jndi_hidden : Signal::jndi_lookup);
  };
  size_t at = text.find("${");
  if (at == std::string_view::npos) return 0;
  for (; at < text.size() && out.size() < kResolvedMax; ++at) {
    if (text[at] == '$' && at + 1 < text.size() && text[at + 1] == '{' &&
        lookups.size() < kNestingMax) {
      lookups.push_back(out.size());
      ++at;
      continue;
    }
    if (text[at] != '}' || lookups.empty()) {
      // Outside of lookups nothing is kept: only what an open one contains matters.
      if (!lookups.empty()) out.push_back(text[at]);
      continue;
    }
    const size_t begin = lookups.back();
    lookups.pop_back();
    const std::string body = out.substr(begin);
    check(body, resolved > 0);
    out.resize(begin);
    out += resolve(body);
    ++resolved;
    if (lookups.empty()) out.clear(), resolved = 0;
  }
  // Cut off before its brace: still a lookup to whoever reads the log later.
  for (const size_t begin : lookups) check(std::string_view(out).substr(begin), resolved > 0);
  return found;
}

}  // namespace penstock::threat
