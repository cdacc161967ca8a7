// Sixty-four bytes of text as bit sets by class: bit i is byte i. One definition per instruction
// set; the caller decides once which one it runs (see detector.cpp).
#pragma once

#include <cstdint>

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "filters/pii/bytes.h"

namespace penstock::pii {

struct ByteMap {
  uint64_t digit = 0, letter = 0, upper = 0;
  uint64_t equals = 0, colon = 0, dash = 0, dot = 0;
  uint64_t gap = 0;   // other bytes that may stand between groups of digits: space ( ) /
  uint64_t rare = 0;  // @ % [ ~
};

// REQUIRES of all: 64 readable bytes.
struct PlainBytes {
  static ByteMap map(const char* bytes) {
    ByteMap map;
    for (unsigned i = 0; i < 64; ++i) {
      const char c = bytes[i];
      const uint64_t one = uint64_t{1} << i;
      if (is_digit(c)) map.digit |= one;
      if (is_alpha(c)) map.letter |= one;
      if (in_class(c, kUpper)) map.upper |= one;
      if (c == '=') map.equals |= one;
      if (c == ':') map.colon |= one;
      if (c == '-') map.dash |= one;
      if (c == '.') map.dot |= one;
      if (c == ' ' || c == '(' || c == ')' || c == '/') map.gap |= one;
      if (c == '@' || c == '%' || c == '[' || c == '~') map.rare |= one;
    }
    return map;
  }
};

#ifdef __SSE2__
// Baseline of x86-64.
struct Sse2Bytes {
  static __m128i is(__m128i v, char c) { return _mm_cmpeq_epi8(v, _mm_set1_epi8(c)); }
  static __m128i in_range(__m128i v, char from, char size) {
    // A signed comparison after the range has been moved to the bottom.
    return _mm_cmplt_epi8(_mm_add_epi8(v, _mm_set1_epi8(static_cast<char>(-128 - from))),
                          _mm_set1_epi8(static_cast<char>(-128 + size)));
  }
  static uint64_t bits(__m128i mask) { return static_cast<uint32_t>(_mm_movemask_epi8(mask)); }
  static ByteMap map(const char* bytes) {
    ByteMap map;
    for (unsigned at = 0; at < 64; at += 16) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + at));
      map.digit |= bits(in_range(v, '0', 10)) << at;
      const uint64_t letter = bits(in_range(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 26));
      map.letter |= letter << at;
      map.upper |= (letter & ~bits(_mm_slli_epi16(v, 2))) << at;  // bit 5 tells the case
      map.equals |= bits(is(v, '=')) << at;
      map.colon |= bits(is(v, ':')) << at;
      map.dash |= bits(is(v, '-')) << at;
      map.dot |= bits(is(v, '.')) << at;
      const __m128i round = is(_mm_or_si128(v, _mm_set1_epi8(1)), ')');  // ( ) differ in one bit
      map.gap |= bits(_mm_or_si128(_mm_or_si128(is(v, ' '), is(v, '/')), round)) << at;
      map.rare |= bits(_mm_or_si128(_mm_or_si128(is(v, '@'), is(v, '%')),
                                    _mm_or_si128(is(v, '['), is(v, '~'))))
                  << at;
    }
    return map;
  }
};

// Half the steps where the machine has AVX2.
struct Avx2Bytes {
#define PENSTOCK_AVX2 __attribute__((target("avx2")))
  PENSTOCK_AVX2 static __m256i is(__m256i v, char c) {
    return _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c));
  }
  PENSTOCK_AVX2 static __m256i in_range(__m256i v, char from, char size) {
    return _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(-128 + size)),
                             _mm256_add_epi8(v, _mm256_set1_epi8(static_cast<char>(-128 - from))));
  }
  PENSTOCK_AVX2 static uint64_t bits(__m256i mask) {
    return static_cast<uint32_t>(_mm256_movemask_epi8(mask));
  }
  PENSTOCK_AVX2 static ByteMap map(const char* bytes) {
    ByteMap map;
    for (unsigned at = 0; at < 64; at += 32) {
      const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + at));
      map.digit |= bits(in_range(v, '0', 10)) << at;
      const uint64_t letter = bits(in_range(_mm256_or_si256(v, _mm256_set1_epi8(0x20)), 'a', 26));
      map.letter |= letter << at;
      map.upper |= (letter & ~bits(_mm256_slli_epi16(v, 2))) << at;
      map.equals |= bits(is(v, '=')) << at;
      map.colon |= bits(is(v, ':')) << at;
      map.dash |= bits(is(v, '-')) << at;
      map.dot |= bits(is(v, '.')) << at;
      const __m256i round = is(_mm256_or_si256(v, _mm256_set1_epi8(1)), ')');
      map.gap |= bits(_mm256_or_si256(_mm256_or_si256(is(v, ' '), is(v, '/')), round)) << at;
      map.rare |= bits(_mm256_or_si256(_mm256_or_si256(is(v, '@'), is(v, '%')),
                                       _mm256_or_si256(is(v, '['), is(v, '~'))))
                  << at;
    }
    return map;
  }
#undef PENSTOCK_AVX2
};
#endif

}  // namespace penstock::pii
