#include "filters/mutate/letters.h"

#include <clocale>
#include <cstdint>
#include <cwctype>
#include <utility>

namespace penstock::mutate {
namespace {

// The C library's table of Unicode, whatever the process's locale is.
locale_t unicode() {
  static const locale_t table = [] {
    for (const char* name : {"C.UTF-8", "en_US.UTF-8"})
      if (const locale_t found = newlocale(LC_CTYPE_MASK, name, nullptr)) return found;
    return newlocale(LC_CTYPE_MASK, "C", nullptr);  // ASCII only
  }();
  return table;
}

uint32_t decode(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(at);
  const size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  uint32_t point = length == 1 ? first : first & (0x7FU >> length);
  for (size_t i = 1; i < length && at + i < text.size(); ++i)
    point = point << 6 | (byte(at + i) & 0x3FU);
  at += length;
  return point;
}

void append_point(uint32_t point, std::string& out) {
  const auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
  }
  put(0x80 | (point & 0x3F));
}

// Unicode's SpecialCasing.txt, the unconditional part that logs may hold. `title`: at the start
// of a capitalized word.
std::string_view special_upper(uint32_t point, bool title) {
  switch (point) {
    case 0xDF:
      return title ? "Ss" : "SS";
    case 0x149:
      return "\u02BCN";
    case 0xFB00:
      return title ? "Ff" : "FF";
    case 0xFB01:
      return title ? "Fi" : "FI";
    case 0xFB02:
      return title ? "Fl" : "FL";
    default:
      return {};
  }
}

void append_upper_point(uint32_t point, bool title, std::string& out) {
  const std::string_view special = special_upper(point, title);
  if (!special.empty()) {
    out += special;
    return;
  }
  append_point(static_cast<uint32_t>(towupper_l(static_cast<wint_t>(point), unicode())), out);
}

void append_lower_point(uint32_t point, std::string& out) {
  if (point == 0x130) {  // I with a dot: i and the dot
    out += "i\u0307";
    return;
  }
  append_point(static_cast<uint32_t>(towlower_l(static_cast<wint_t>(point), unicode())), out);
}

}  // namespace

void append_upper(std::string_view text, std::string& out) {
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) < 0x80) {
      out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      ++at;
    } else {
      append_upper_point(decode(text, at), false, out);
    }
  }
}

void append_lower(std::string_view text, std::string& out) {
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) < 0x80) {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      ++at;
    } else {
      append_lower_point(decode(text, at), out);
    }
  }
}

void append_capitalized(std::string_view text, std::string& out) {
  if (text.empty()) return;
  size_t first = 0;
  const uint32_t point = decode(text, first);
  append_upper_point(point, true, out);
  append_lower(text.substr(first), out);
}

}  // namespace penstock::mutate
