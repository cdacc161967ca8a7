#include "filters/support/char_class.h"

namespace penstock {
namespace {

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

// The letter that begins `text`, which loses it; empty when it stands for anything else.
std::optional<char> take_letter(std::string_view& text) {
  char c = text[0];
  text.remove_prefix(1);
  if (static_cast<unsigned char>(c) >= 0x80 || c == '[' || c == ']') return std::nullopt;
  if (c != '\\') return c;
  if (text.empty()) return std::nullopt;
  c = text[0];
  text.remove_prefix(1);
  constexpr std::string_view kNames = "tnrfvae", kLetters = "\t\n\r\f\v\a\x1B";
  if (const size_t at = kNames.find(c); at != kNames.npos) return kLetters[at];
  if (static_cast<unsigned char>(c) >= 0x80 || is_alphanumeric(c)) return std::nullopt;
  return c;
}

}  // namespace

std::optional<CharClass> CharClass::parse(std::string_view inside) {
  if (inside.empty() || inside[0] == '^' || inside.find("&&") != inside.npos) return std::nullopt;
  CharClass out;
  while (!inside.empty()) {
    if (inside.starts_with("\\s")) {
      for (const char c : std::string_view(" \t\r\n\f\v")) out.set_.set(static_cast<uint8_t>(c));
      inside.remove_prefix(2);
      if (inside.size() > 1 && inside[0] == '-') return std::nullopt;
      continue;
    }
    const auto first = take_letter(inside);
    if (!first) return std::nullopt;
    auto last = first;
    if (inside.size() > 1 && inside[0] == '-') {
      inside.remove_prefix(1);
      last = take_letter(inside);
      if (!last || *last < *first) return std::nullopt;
    }
    for (int c = *first; c <= *last; ++c) out.set_.set(static_cast<size_t>(c));
  }
  return out;
}

}  // namespace penstock
