#include "filters/pii/byte_map.h"

#ifdef __SSE2__
#include <emmintrin.h>
#else
#include "filters/pii/bytes.h"
#endif

namespace penstock::pii {

#ifdef __SSE2__
namespace {

__m128i in_range(__m128i bytes, char from, char size) {
  // Signed comparison after a shift of the range to the bottom.
  const __m128i shifted = _mm_add_epi8(bytes, _mm_set1_epi8(static_cast<char>(-128 - from)));
  return _mm_cmplt_epi8(shifted, _mm_set1_epi8(static_cast<char>(-128 + size)));
}
__m128i is(__m128i bytes, char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); }
uint64_t bits(__m128i mask, unsigned shift) {
  return static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(mask))) << shift;
}

}  // namespace

ByteMap map_bytes(const char* bytes) {
  ByteMap map;
  for (unsigned shift = 0; shift < 64; shift += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + shift));
    map.digit |= bits(in_range(v, '0', 10), shift);
    map.upper |= bits(in_range(v, 'A', 26), shift);
    map.lower |= bits(in_range(v, 'a', 26), shift);
    map.at |= bits(is(v, '@'), shift);
    map.equals |= bits(is(v, '='), shift);
    map.colon |= bits(is(v, ':'), shift);
    map.dash |= bits(is(v, '-'), shift);
    map.dot |= bits(is(v, '.'), shift);
    map.percent |= bits(is(v, '%'), shift);
    map.bracket |= bits(is(v, '['), shift);
    // ( ) differ in one bit; so do " and space but for the class they are in.
    const __m128i round = is(_mm_or_si128(v, _mm_set1_epi8(1)), ')');
    map.gap |= bits(_mm_or_si128(_mm_or_si128(is(v, ' '), is(v, '/')), round), shift);
    map.quote |= bits(_mm_or_si128(_mm_or_si128(is(v, '"'), is(v, '\'')), is(v, ']')), shift);
  }
  return map;
}
#else
ByteMap map_bytes(const char* bytes) {
  ByteMap map;
  for (unsigned i = 0; i < 64; ++i) {
    const char c = bytes[i];
    const uint64_t one = uint64_t{1} << i;
    if (is_digit(c)) map.digit |= one;
    if (in_class(c, kUpper)) map.upper |= one;
    if (in_class(c, kLower)) map.lower |= one;
    if (c == '@') map.at |= one;
    if (c == '=') map.equals |= one;
    if (c == ':') map.colon |= one;
    if (c == '-') map.dash |= one;
    if (c == '.') map.dot |= one;
    if (c == '%') map.percent |= one;
    if (c == '[') map.bracket |= one;
    if (c == ' ' || c == '(' || c == ')' || c == '/') map.gap |= one;
    if (c == '"' || c == '\'' || c == ']') map.quote |= one;
  }
  return map;
}
#endif

}  // namespace penstock::pii
