#include "filters/kv/stop_scanner.h"

#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace penstock::kv {

StopScanner::StopScanner(const std::array<uint8_t, 256>& kinds, uint8_t in_first,
                         uint8_t in_second) {
  for (size_t i = 0; i < kinds.size(); ++i) {
    sets_[i] =
        static_cast<uint8_t>(((kinds[i] & in_first) != 0) | ((kinds[i] & in_second) != 0) << 1);
    if (!sets_[i]) continue;
    if (needles_size_ < kNeedlesMax) needles_[needles_size_] = static_cast<char>(i);
    ++needles_size_;
  }
}

void StopScanner::read(const char* at, const char* end) {
  block_ = at;
  end_ = end;
  const auto size = static_cast<size_t>(end - at);
  if (size >= kBlock) return read_block(at);
  char padded[kBlock] = {};
  std::memcpy(padded, at, size);
  read_block(padded);
  for (uint64_t& bits : bits_) bits &= (uint64_t{1} << size) - 1;
}

void StopScanner::read_block(const char* bytes) {
  bits_[0] = bits_[1] = 0;
#ifdef __SSE2__
  if (needles_size_ <= kNeedlesMax) {
    for (size_t part = 0; part < kBlock; part += 16) {
      const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + part));
      __m128i in_first = _mm_setzero_si128(), in_second = _mm_setzero_si128();
      for (size_t i = 0; i < needles_size_; ++i) {
        const __m128i equal = _mm_cmpeq_epi8(text, _mm_set1_epi8(needles_[i]));
        const uint8_t sets = sets_[static_cast<uint8_t>(needles_[i])];
        if (sets & 1) in_first = _mm_or_si128(in_first, equal);
        if (sets & 2) in_second = _mm_or_si128(in_second, equal);
      }
      bits_[0] |= static_cast<uint64_t>(_mm_movemask_epi8(in_first)) << part;
      bits_[1] |= static_cast<uint64_t>(_mm_movemask_epi8(in_second)) << part;
    }
    return;
  }
#endif
  for (size_t i = 0; i < kBlock; ++i) {
    const uint64_t sets = sets_[static_cast<uint8_t>(bytes[i])];
    bits_[0] |= (sets & 1) << i;
    bits_[1] |= (sets >> 1) << i;
  }
}

}  // namespace penstock::kv
