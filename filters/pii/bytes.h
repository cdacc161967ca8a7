// Byte classes for the hand-written scanners. ASCII only; bytes of multi-byte UTF-8 sequences are
// in no class, so that text in any script is a boundary.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace penstock::pii {

inline constexpr uint8_t kDigit = 1, kUpper = 2, kLower = 4, kHexLetter = 8, kUnderscore = 16,
                         kSpace = 32,
                         kTokenMark = 64,  // - . ~ + / = of base64 and of token68
    kAnchor = 128;                         // @ = : % ' " > where something may begin

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> table{};
  for (size_t c = '0'; c <= '9'; ++c) table[c] = kDigit;
  for (size_t c = 'A'; c <= 'Z'; ++c) table[c] = c <= 'F' ? kUpper | kHexLetter : kUpper;
  for (size_t c = 'a'; c <= 'z'; ++c) table[c] = c <= 'f' ? kLower | kHexLetter : kLower;
  table['_'] = kUnderscore;
  for (const char c : {' ', '\t', '\n', '\r', '\f', '\v'}) table[static_cast<uint8_t>(c)] = kSpace;
  for (const char c : {'-', '.', '~', '+', '/', '='}) table[static_cast<uint8_t>(c)] = kTokenMark;
  for (const char c : {'@', '=', ':', '%', '\'', '"', '>'})
    table[static_cast<uint8_t>(c)] = static_cast<uint8_t>(table[static_cast<uint8_t>(c)] | kAnchor);
  return table;
}
inline constexpr auto kClasses = make_classes();

constexpr bool in_class(char c, uint8_t classes) {
  return (kClasses[static_cast<uint8_t>(c)] & classes) != 0;
}
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) { return in_class(c, kUpper | kLower); }
constexpr bool is_alnum(char c) { return in_class(c, kDigit | kUpper | kLower); }
constexpr bool is_word(char c) { return in_class(c, kDigit | kUpper | kLower | kUnderscore); }
constexpr bool is_hex(char c) { return in_class(c, kDigit | kHexLetter); }
constexpr bool is_space(char c) { return in_class(c, kSpace); }
constexpr bool is_multibyte(char c) { return static_cast<uint8_t>(c) >= 0x80; }
constexpr bool is_base64url(char c) { return is_word(c) || c == '-'; }
constexpr bool is_base64(char c) { return is_alnum(c) || c == '+' || c == '/'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
constexpr unsigned hex_value(char c) {
  return is_digit(c) ? static_cast<unsigned>(c - '0')
                     : static_cast<unsigned>((c | 0x20) - 'a' + 10);
}

// `text` has `word` at `at`; `word` is lower case, the text's case doesn't matter.
constexpr bool has_word_at(std::string_view text, size_t at, std::string_view word) {
  if (at > text.size() || text.size() - at < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i)
    if (lower(text[at + i]) != word[i]) return false;
  return true;
}
constexpr bool same_ignoring_case(std::string_view text, std::string_view word) {
  return text.size() == word.size() && has_word_at(text, 0, word);
}

}  // namespace penstock::pii
