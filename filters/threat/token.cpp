#include "filters/threat/token.h"

#include <algorithm>
#include <array>
#include <cstdint>

#ifdef __SSE2__
#include <immintrin.h>
#endif

namespace penstock::threat {
namespace {

constexpr size_t kTokenBytesMax = 64;

// "169.254.", looked for around its first dot.
bool has_link_local(std::string_view text) {
  for (size_t dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.', dot + 1))
    if (dot >= 3 && text.substr(dot - 3, 8) == "169.254.") return true;
  return false;
}

constexpr std::array<bool, 256> make_bytes() {
  std::array<bool, 256> bytes{};
  for (const char c : std::string_view("0123456789abcdefABCDEF-.:"))
    bytes[static_cast<uint8_t>(c)] = true;
  return bytes;
}
constexpr auto kBytes = make_bytes();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// `before`: what stands before the text, when it is a piece of one.
bool all_fit(std::string_view text, char before) {
  bool four_dot = false;  // as in "169.254."
  for (const char c : text) {
    four_dot = four_dot || (c == '.' && before == '4');
    if (!kBytes[static_cast<uint8_t>(c)]) {
      const char letter = static_cast<char>(c | 0x20);
      if ((letter != 't' && letter != 'z') || !is_digit(before)) return false;
    } else if (c == before && (c == '-' || c == '.')) {
      return false;
    }
    before = c;
  }
  return !four_dot || !has_link_local(text);
}

#ifdef __SSE2__

// all_fit() for a text of 16 bytes and more. Steps of 15 bytes, so that each byte but the first is
// seen together with the one before it.
bool all_fit_in_blocks(std::string_view text) {
  const auto bits = [](__m128i mask) { return static_cast<uint32_t>(_mm_movemask_epi8(mask)); };
  const auto is = [&](__m128i v, char c) { return bits(_mm_cmpeq_epi8(v, _mm_set1_epi8(c))); };
  // A signed comparison after the range has been moved to the bottom.
  const auto in_range = [&](__m128i v, char from, char size) {
    return bits(_mm_cmplt_epi8(_mm_add_epi8(v, _mm_set1_epi8(static_cast<char>(-128 - from))),
                               _mm_set1_epi8(static_cast<char>(-128 + size))));
  };
  uint32_t four_dot = 0;  // as in "169.254."
  const size_t last = text.size() - 16;
  for (size_t at = 0;; at = std::min(at + 15, last)) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i folded = _mm_or_si128(v, _mm_set1_epi8(0x20));
    const uint32_t digit = in_range(v, '0', 10), dash = is(v, '-'), dot = is(v, '.');
    const uint32_t of_time = (is(folded, 't') | is(folded, 'z')) & (digit << 1 | (at > 0));
    const uint32_t fits = digit | dash | dot | is(v, ':') | in_range(folded, 'a', 6) | of_time;
    if (fits != 0xffff || (dash & dash << 1) || (dot & dot << 1)) return false;
    four_dot |= dot & is(v, '4') << 1;
    if (at == last) break;
  }
  return !four_dot || !has_link_local(text);
}

#endif

}  // namespace

bool is_token(std::string_view text) {
  if (text.empty() || text.size() > kTokenBytesMax) return false;
  if (!kBytes[static_cast<uint8_t>(text.front())]) return false;
#ifdef __SSE2__
  if (text.size() >= 16) return all_fit_in_blocks(text);
#endif
  return all_fit(text, '\0');
}

bool fits_token(std::string_view literal) { return all_fit(literal, '0'); }

}  // namespace penstock::threat
