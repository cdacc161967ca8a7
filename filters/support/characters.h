// Characters of UTF-8 texts: where they begin and how many there are. Stateless.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock {

constexpr bool continues_character(char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; }

inline size_t count_characters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

// Where the character after the one at `at` begins.
constexpr size_t next_character(std::string_view text, size_t at) {
  do ++at;
  while (at < text.size() && continues_character(text[at]));
  return at;
}

// At most `bytes` of the text, cut between two characters.
constexpr std::string_view cut_to(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && continues_character(text[bytes])) --bytes;
  return text.substr(0, bytes);
}

}  // namespace penstock
