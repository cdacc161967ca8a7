// Go writes a layout as its reference time would look: Mon Jan 2 15:04:05 MST 2006.
#include <cctype>

#include "pipeline/convert/converter.h"

namespace penstock {
namespace {

struct Part {
  std::string_view go, joda;
};
// Longer ones first, where one begins with another.
constexpr Part kParts[] = {
    {"January", "MMMM"},
    {"Monday", "EEEE"},
    {"Jan", "MMM"},
    {"Mon", "EEE"},
    {"MST", "z"},
    {"2006", "yyyy"},
    {"Z07:00", "ZZ"},
    {"-07:00", "ZZ"},
    {"Z0700", "Z"},
    {"-0700", "Z"},
    {"-07", "Z"},
    {".000000000", ".SSSSSSSSS"},
    {".000000", ".SSSSSS"},
    {".000", ".SSS"},
    {",000", ",SSS"},
    {".999999999", ".SSSSSSSSS"},
    {".999999", ".SSSSSS"},
    {".999", ".SSS"},
    {",999", ",SSS"},
    {"01", "MM"},
    {"02", "dd"},
    {"03", "hh"},
    {"04", "mm"},
    {"05", "ss"},
    {"06", "yy"},
    {"15", "HH"},
    {"PM", "a"},
    {"pm", "a"},
    {"_2", "d"},
    {"1", "M"},
    {"2", "d"},
    {"3", "h"},
    {"4", "m"},
    {"5", "s"},
};

}  // namespace

std::string joda_of_go(const std::string& layout) {
  if (layout == "UNIX" || layout == "UNIX_MS") return layout;
  std::string out, literal;
  const auto flush = [&] {
    if (!literal.empty()) out += "'" + literal + "'";
    literal.clear();
  };
  for (size_t at = 0; at < layout.size();) {
    const std::string_view rest = std::string_view(layout).substr(at);
    const Part* found = nullptr;
    for (const Part& part : kParts)
      if (rest.starts_with(part.go)) {
        found = &part;
        break;
      }
    if (found) {
      flush();
      out += found->joda;
      at += found->go.size();
      continue;
    }
    const char c = layout[at++];
    if (c == '\'') return "";
    if (std::isalpha(static_cast<unsigned char>(c))) {
      literal += c;
    } else {
      flush();
      out += c;
    }
  }
  flush();
  return out;
}

}  // namespace penstock
