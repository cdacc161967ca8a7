#include "pipeline/event/json_unescape.h"

#include <cstdint>
#include <cstring>

namespace penstock {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Four hex digits at `at`; -1 when they aren't.
int32_t code_unit(const char* at, const char* end) {
  if (end - at < 4) return -1;
  int32_t unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(at[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

char* put_utf8(char* to, uint32_t point) {
  if (point < 0x80) {
    *to++ = static_cast<char>(point);
  } else if (point < 0x800) {
    *to++ = static_cast<char>(0xC0 | point >> 6);
    *to++ = static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    *to++ = static_cast<char>(0xE0 | point >> 12);
    *to++ = static_cast<char>(0x80 | (point >> 6 & 0x3F));
    *to++ = static_cast<char>(0x80 | (point & 0x3F));
  } else {
    *to++ = static_cast<char>(0xF0 | point >> 18);
    *to++ = static_cast<char>(0x80 | (point >> 12 & 0x3F));
    *to++ = static_cast<char>(0x80 | (point >> 6 & 0x3F));
    *to++ = static_cast<char>(0x80 | (point & 0x3F));
  }
  return to;
}

// The \u escape whose hex digits start at `at`; pairs of surrogates are joined.
bool unescape_unicode(const char*& at, const char* end, char*& to, bool& lossy) {
  const int32_t unit = code_unit(at, end);
  if (unit < 0) return false;
  at += 4;
  auto point = static_cast<uint32_t>(unit);
  if (point >= 0xD800 && point <= 0xDFFF) {
    const int32_t low =
        end - at >= 6 && at[0] == '\\' && at[1] == 'u' ? code_unit(at + 2, end) : -1;
    if (point < 0xDC00 && low >= 0xDC00 && low <= 0xDFFF) {
      point = 0x10000 + ((point - 0xD800) << 10) + (static_cast<uint32_t>(low) - 0xDC00);
      at += 6;
    } else {
      point = 0xFFFD;
      lossy = true;
    }
  }
  to = put_utf8(to, point);
  return true;
}

}  // namespace

char* unescape_json(std::string_view raw, char* to, bool& lossy) {
  const char *at = raw.data(), *end = at + raw.size();
  while (at < end) {
    const auto* stop =
        static_cast<const char*>(std::memchr(at, '\\', static_cast<size_t>(end - at)));
    const auto plain = static_cast<size_t>((stop ? stop : end) - at);
    std::memcpy(to, at, plain);
    to += plain;
    at += plain;
    if (!stop) break;
    if (end - at < 2) return nullptr;
    const char escape = at[1];
    at += 2;
    switch (escape) {
      case '"':
      case '\\':
      case '/':
        *to++ = escape;
        break;
      case 'b':
        *to++ = '\b';
        break;
      case 'f':
        *to++ = '\f';
        break;
      case 'n':
        *to++ = '\n';
        break;
      case 'r':
        *to++ = '\r';
        break;
      case 't':
        *to++ = '\t';
        break;
      case 'u':
        if (!unescape_unicode(at, end, to, lossy)) return nullptr;
        break;
      default:
        return nullptr;
    }
  }
  return to;
}

}  // namespace penstock
