// memcmp() == 0 for short texts, without a call. Stateless.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace penstock {

inline bool equal_bytes(const char* a, const char* b, size_t size) {
  const auto differ = [&]<class Word>(size_t at, Word) {
    Word left, right;
    std::memcpy(&left, a + at, sizeof left);
    std::memcpy(&right, b + at, sizeof right);
    return left ^ right;
  };
  if (size >= 8) {
    for (size_t at = 0; at + 8 < size; at += 8)
      if (differ(at, uint64_t{})) return false;
    return !differ(size - 8, uint64_t{});
  }
  if (size >= 4) return !(differ(0, uint32_t{}) | differ(size - 4, uint32_t{}));
  for (size_t at = 0; at < size; ++at)
    if (a[at] != b[at]) return false;
  return true;
}

}  // namespace penstock
