#include "pipeline/config/environment.h"

#include "pipeline/base/text.h"

namespace penstock {
namespace {

bool is_name(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '.') return false;
  }
  return true;
}

}  // namespace

Result<std::string> substitute_environment(std::string_view text, const Environment& environment) {
  std::string out;
  while (true) {
    const size_t start = text.find("${");
    const size_t end = start == text.npos ? text.npos : text.find('}', start);
    out += text.substr(0, start);
    if (start == text.npos) return out;
    if (end == text.npos) return out + std::string(text.substr(start));
    const std::string_view inside = text.substr(start + 2, end - start - 2);
    const size_t colon = inside.find(':');
    const std::string name(inside.substr(0, colon));
    if (!is_name(name)) {
      out += "${";
      text.remove_prefix(start + 2);
      continue;
    }
    if (const char* value = environment ? environment(name) : nullptr)
      out += replace_invalid_utf8(value);
    else if (colon != inside.npos)
      out += inside.substr(colon + 1);
    else
      return Error{Errc::bad_config,
                   "the environment variable `" + name + "` is not set and `${" + name +
                       "}` gives no default (`${" + name + ":default}`)",
                   {}};
    text.remove_prefix(end + 1);
  }
}

}  // namespace penstock
