#include "pipeline/base/regex_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/text.h"

namespace penstock {
namespace {

int hex_value(char c) {
  if (is_regex_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What the escapes \d \w \s \h stand for inside of a set, and what their capitals do.
struct Shorthand {
  char letter;
  std::string_view items;
  std::string_view complement;
};
constexpr Shorthand kShorthands[] = {
    {'d', "0-9", "\\x00-\\x2f\\x3a-\\x{10ffff}"},
    {'w', "0-9A-Z_a-z", "\\x00-\\x2f\\x3a-\\x40\\x5b-\\x5e\\x60\\x7b-\\x{10ffff}"},
    {'s', "\\x09-\\x0d\\x20", "\\x00-\\x08\\x0e-\\x1f\\x21-\\x{10ffff}"},
    {'h', "0-9A-Fa-f", "\\x00-\\x2f\\x3a-\\x40\\x47-\\x60\\x67-\\x{10ffff}"},
};

// Names of \p{} that are POSIX brackets in PCRE2 (with PCRE2_UCP: by Unicode).
constexpr std::string_view kPosix[] = {"alnum", "alpha", "ascii", "blank", "cntrl",
                                       "digit", "graph", "lower", "print", "punct",
                                       "space", "upper", "word",  "xdigit"};

uint32_t decoded(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  if (bytes.size() == 1) return first;
  uint32_t code = first & (0xFFU >> (bytes.size() + 1));
  for (size_t i = 1; i < bytes.size(); ++i)
    code = code << 6 | (static_cast<unsigned char>(bytes[i]) & 0x3FU);
  return code;
}

// Ruby takes general categories and scripts in any case and in long form; PCRE2 10.42 takes
// scripts in any case, categories only short and exact.
std::string property_name(const std::string& lower) {
  static constexpr std::pair<std::string_view, std::string_view> kLong[] = {
      {"letter", "L"},
      {"uppercaseletter", "Lu"},
      {"lowercaseletter", "Ll"},
      {"titlecaseletter", "Lt"},
      {"modifierletter", "Lm"},
      {"otherletter", "Lo"},
      {"mark", "M"},
      {"number", "N"},
      {"decimalnumber", "Nd"},
      {"letternumber", "Nl"},
      {"othernumber", "No"},
      {"punctuation", "P"},
      {"symbol", "S"},
      {"mathsymbol", "Sm"},
      {"currencysymbol", "Sc"},
      {"separator", "Z"},
      {"spaceseparator", "Zs"},
      {"control", "Cc"},
      {"other", "C"},
      {"alphabetic", "L"},
      {"uppercase", "Lu"},
      {"lowercase", "Ll"}};
  for (const auto& [from, to] : kLong)
    if (lower == from) return std::string(to);
  std::string name = lower;
  if (!name.empty() && name.size() <= 2) name[0] = static_cast<char>(name[0] - 32);
  return name;
}

}  // namespace

std::string_view shorthand_items(char letter) {
  for (const Shorthand& shorthand : kShorthands) {
    if (letter == shorthand.letter) return shorthand.items;
    if (letter + 32 == shorthand.letter) return shorthand.complement;
  }
  return {};
}

bool is_posix_class(std::string_view name) {
  return std::find(std::begin(kPosix), std::end(kPosix), name) != std::end(kPosix);
}

void append_code_point(std::string& out, uint32_t code) {
  const char c = static_cast<char>(code);
  if (code < 0x80 && (is_regex_digit(c) || is_regex_letter(c)))
    out += c;
  else
    out += fmt::format("\\x{{{:x}}}", code);
}

void RegexSource::fail(std::string_view why) {
  if (!failed()) error_ = fmt::format("{} (at offset {} of the expression)", why, at_);
  at_ = in_.size();
}

std::optional<uint32_t> RegexSource::character_escape() {
  static constexpr std::pair<char, uint32_t> kNamed[] = {{'t', 9},  {'n', 10}, {'v', 11}, {'f', 12},
                                                         {'r', 13}, {'a', 7},  {'e', 27}};
  const char c = peek();
  for (const auto& [letter, code] : kNamed) {
    if (c != letter) continue;
    ++at_;
    return code;
  }
  if (c == 'x') return hex_escape();
  if (c == 'u') return unicode_escape();
  if (c == 'c' && static_cast<unsigned char>(peek(1)) < 0x80 && at_ + 1 < in_.size()) {
    at_ += 2;
    return static_cast<uint32_t>(in_[at_ - 1] & 0x1F);
  }
  if (c >= '0' && c <= '7') return octal_escape();
  return std::nullopt;
}

uint32_t RegexSource::octal_escape() {
  uint32_t code = 0;
  for (int i = 0; i < 3 && peek() >= '0' && peek() <= '7'; ++i)
    code = code * 8 + static_cast<uint32_t>(in_[at_++] - '0');
  return code & 0xFF;
}

std::optional<uint32_t> RegexSource::braced_hex(size_t digits_max) {
  uint32_t code = 0;
  size_t digits = 0;
  while (digits < digits_max && hex_value(peek()) >= 0 && !done()) {
    code = code * 16 + static_cast<uint32_t>(hex_value(in_[at_++]));
    ++digits;
  }
  if (!digits || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
    fail("invalid Unicode escape");
    return std::nullopt;
  }
  return code;
}

// \xHH are bytes: several above 0x7F make one character.
std::optional<uint32_t> RegexSource::hex_escape() {
  ++at_;
  if (accept("{")) {
    const auto code = braced_hex(8);
    if (!failed() && !accept("}")) fail("invalid hex escape");
    return code;
  }
  if (hex_value(peek()) < 0 || done()) {
    fail("invalid hex escape");
    return std::nullopt;
  }
  std::string bytes;
  for (;;) {
    int byte = hex_value(in_[at_++]);
    if (hex_value(peek()) >= 0 && !done()) byte = byte * 16 + hex_value(in_[at_++]);
    bytes += static_cast<char>(byte);
    if (byte < 0x80 || is_utf8(bytes)) break;
    if (bytes.size() == 4 || !starts("\\x") || hex_value(peek(2)) < 0) {
      fail("invalid multibyte escape");
      return std::nullopt;
    }
    at_ += 2;
  }
  return decoded(bytes);
}

std::optional<uint32_t> RegexSource::unicode_escape() {
  ++at_;
  const bool braces = accept("{");
  const auto code = braced_hex(braces ? 8 : 4);
  if (braces && !failed() && !accept("}")) fail("invalid Unicode escape");
  return code;
}

std::string RegexSource::property() {
  const bool capital = peek() == 'P';
  if (peek(1) != '{') {
    fail("invalid character property");
    return "";
  }
  const size_t end = in_.find('}', at_);
  if (end == in_.npos) {
    fail("invalid character property");
    return "";
  }
  std::string_view name = in_.substr(at_ + 2, end - at_ - 2);
  bool negated = capital;
  if (name.starts_with('^')) {
    negated = !negated;
    name.remove_prefix(1);
  }
  std::string lower = to_lower_ascii(name);
  std::erase_if(lower, [](char c) { return c == ' ' || c == '_' || c == '-'; });
  at_ = end + 1;
  if (lower == "any") return negated ? "\\P{Any}" : "\\p{Any}";
  if (is_posix_class(lower)) return fmt::format("[:{}{}:]", negated ? "^" : "", lower);
  return fmt::format("\\{}{{{}}}", negated ? 'P' : 'p', property_name(lower));
}

uint32_t RegexSource::next_code_point() {
  size_t length = 1;
  while (at_ + length < in_.size() && (in_[at_ + length] & 0xC0) == 0x80) ++length;
  at_ += length;
  return decoded(in_.substr(at_ - length, length));
}

}  // namespace penstock
