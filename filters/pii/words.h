// The words and prefixes at which a scanner starts. Stateless, thread-safe.
#pragma once

#include <array>
#include <cstring>

#include "filters/pii/scan.h"

namespace penstock::pii {

inline constexpr size_t kWordBuckets = 4096;
extern const std::array<uint64_t, kWordBuckets / 64> kKnownWords;

constexpr size_t word_bucket(uint32_t three) { return ((three | 0x202020U) * 0x9E3779B1U) >> 20; }

// False for nearly all words: a hash of three letters, in any case, into a small bitmap. REQUIRES:
// four readable bytes at `at`.
inline bool may_begin_known_word(const char* at) {
  uint32_t four = 0;
  std::memcpy(&four, at, sizeof four);
  const size_t bucket = word_bucket(four & 0xFFFFFFU);
  return (kKnownWords[bucket / 64] >> (bucket % 64)) & 1;
}

// Runs the scanners of the known words that begin at `begin`.
void look_at_word(Scan& scan, size_t begin);

}  // namespace penstock::pii
