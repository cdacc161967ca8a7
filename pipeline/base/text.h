// Small text helpers shared by the layers. Stateless, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace penstock {

// Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). SIMD.
bool is_utf8(std::string_view text);

// `text` with every byte that isn't part of well-formed UTF-8 written as \xHH.
std::string escape_invalid_utf8(std::string_view text);

// `text` with every maximal ill-formed sequence replaced by U+FFFD.
std::string replace_invalid_utf8(std::string_view text);

std::string_view trim(std::string_view text);  // ASCII white space at both ends
std::string to_lower_ascii(std::string_view text);
bool equals_ignore_case(std::string_view a, std::string_view b);  // ASCII

// Whole-string numbers: "12" yes, "12a" and "" no. Base 10, optional sign.
std::optional<int64_t> parse_integer(std::string_view text);
std::optional<double> parse_real(std::string_view text);

// The candidate nearest to `word` by edit distance, when near enough to be a plausible typing
// error; "" otherwise. For "did you mean".
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace penstock
