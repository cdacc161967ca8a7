#include "filters/threat/literal_scanner.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "pipeline/base/check.h"

namespace penstock::threat {
namespace {

// Setting this bit folds letters to lower case. It also merges a few other bytes ('[' and '{'),
// which costs a comparison and no correctness: confirm() compares exactly.
constexpr uint8_t kFold = 0x20;

uint8_t folded(char c) { return static_cast<uint8_t>(static_cast<uint8_t>(c) | kFold); }

uint8_t lower(char c) {
  const auto byte = static_cast<uint8_t>(c);
  return byte >= 'A' && byte <= 'Z' ? static_cast<uint8_t>(byte | kFold) : byte;
}

uint32_t pair_of(char a, char b) { return static_cast<uint32_t>(folded(b)) << 8 | folded(a); }

// Of four folded bytes; 16 bits.
uint32_t hash_of(uint32_t four) { return four * 0x9e3779b1U >> 16; }

// How common a byte is in logs, roughly, in powers of two.
unsigned commonness(char c) {
  static constexpr std::string_view kByFrequency = "e ationsrldcpm0u1.hg-/2f:3y5";
  const size_t place = kByFrequency.find(static_cast<char>(lower(c)));
  if (place == std::string_view::npos) return 1;
  return place < 10 ? 6 : place < 20 ? 5 : 4;
}

size_t rarest_window(std::string_view literal, size_t width) {
  if (literal.size() <= width) return 0;
  size_t best = 0;
  unsigned best_cost = ~0U;
  for (size_t at = 0; at + width <= literal.size(); ++at) {
    unsigned cost = 0;
    for (size_t i = 0; i < width; ++i) cost += commonness(literal[at + i]);
    if (cost < best_cost) best_cost = cost, best = at;
  }
  return best;
}

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> classes{};
  classes['%'] = classes['&'] = classes['+'] = kEscape;
  classes['\\'] = kBackslash;
  classes['\''] = classes['"'] = kQuote;
  classes['<'] = kLess;
  classes[';'] = kSemicolon;
  classes['|'] = kPipe;
  classes['`'] = kBacktick;
  classes['$'] = kDollar;
  return classes;
}
constexpr std::array<uint8_t, 256> kClasses = make_classes();

}  // namespace

LiteralScanner::LiteralScanner(std::span<const std::string> literals)
    : literals_(literals.begin(), literals.end()) {
  CHECK(literals.size() < 65536, "too many literals");
  for (uint32_t i = 0; i < literals_.size(); ++i) {
    CHECK(literals_[i].size() >= kLiteralBytesMin, "a literal is too short to be looked for");
    windows_.push_back({i, static_cast<uint32_t>(rarest_window(literals_[i], kWindow))});
  }
  const auto bytes = [&](const Window& w) {
    return std::string_view(literals_[w.literal]).substr(w.offset, kWindow);
  };
  const auto pair = [&](const Window& w) { return pair_of(bytes(w)[0], bytes(w)[1]); };
  std::stable_sort(windows_.begin(), windows_.end(),
                   [&](const Window& a, const Window& b) { return pair(a) < pair(b); });
  for (size_t i = 0; i < windows_.size(); ++i) {
    const std::string_view window = bytes(windows_[i]);
    const bool is_short = window.size() < kWindow;
    add_to_tables(window, is_short ? kBuckets : i * kBuckets / windows_.size());
    if (!is_short) {
      uint32_t four = 0;
      for (size_t k = kWindow; k-- > 0;) four = four << 8 | folded(window[k]);
      fours_[hash_of(four) / 64] |= uint64_t{1} << (hash_of(four) % 64);
    }
    const uint32_t p = pair(windows_[i]);
    if (!(pairs_[p / 64] >> (p % 64) & 1)) pair_begin_.push_back(static_cast<uint16_t>(i));
    pairs_[p / 64] |= uint64_t{1} << (p % 64);
    if (is_short) shorts_[p / 64] |= uint64_t{1} << (p % 64);
  }
  pair_begin_.push_back(static_cast<uint16_t>(windows_.size()));
  for (size_t word = 1; word < pairs_.size(); ++word)
    rank_[word] = static_cast<uint16_t>(rank_[word - 1] + std::popcount(pairs_[word - 1]));
}

void LiteralScanner::add_to_tables(std::string_view bytes, size_t bucket) {
  const auto bit = static_cast<uint8_t>(1U << bucket);
  for (size_t i = 0; i < kWindow; ++i) {
    if (i >= bytes.size()) {  // a short literal: anything may follow
      for (auto& entry : low_[i]) entry |= bit;
      for (auto& entry : high_[i]) entry |= bit;
      continue;
    }
    low_[i][folded(bytes[i]) & 15] |= bit;
    high_[i][folded(bytes[i]) >> 4] |= bit;
  }
}

// REQUIRES: the bytes are folded, the first one lowest.
inline bool LiteralScanner::may_begin(uint32_t four, uint8_t buckets) const {
  const uint32_t hash = hash_of(four);
  if ((buckets & ~kShortBucket) && fours_[hash / 64] >> (hash % 64) & 1) return true;
  const uint32_t pair = four & 0xffff;
  return (buckets & kShortBucket) && shorts_[pair / 64] >> (pair % 64) & 1;
}

void LiteralScanner::confirm(std::string_view text, size_t at, HitSet& hits) const {
  if (at + 1 >= text.size()) return;
  const uint32_t pair = pair_of(text[at], text[at + 1]);
  const uint64_t word = pairs_[pair / 64];
  const uint64_t bit = uint64_t{1} << (pair % 64);
  if (!(word & bit)) return;
  const size_t rank = rank_[pair / 64] + static_cast<size_t>(std::popcount(word & (bit - 1)));
  for (size_t i = pair_begin_[rank]; i < pair_begin_[rank + 1]; ++i) {
    const std::string& literal = literals_[windows_[i].literal];
    const size_t offset = windows_[i].offset;
    if (at < offset || text.size() - (at - offset) < literal.size()) continue;
    const char* from = text.data() + at - offset;
    size_t same = 0;
    while (same < literal.size() && lower(from[same]) == static_cast<uint8_t>(literal[same]))
      ++same;
    if (same == literal.size()) hits.add(windows_[i].literal);
  }
}

uint8_t LiteralScanner::scan_plain(std::string_view text, HitSet& hits) const {
  uint8_t classes = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    classes |= kClasses[static_cast<uint8_t>(text[i])];
    confirm(text, i, hits);
  }
  return classes;
}

#if defined(__x86_64__)

namespace {

// Sixteen-entry tables whose entries, met by a byte's two halves, share a bit exactly when the
// byte is of that class. Every class lies in one row of the ASCII table, so there are no crossings.
constexpr std::array<uint8_t, 16> class_table(bool high) {
  std::array<uint8_t, 16> table{};
  for (unsigned byte = 0; byte < 128; ++byte) table[high ? byte >> 4 : byte & 15] |= kClasses[byte];
  return table;
}
alignas(16) constexpr std::array<uint8_t, 16> kClassLow = class_table(false);
alignas(16) constexpr std::array<uint8_t, 16> kClassHigh = class_table(true);

__attribute__((target("avx2"))) inline __m256i load_table(const uint8_t* table) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(table)));
}

__attribute__((target("avx2"))) inline __m256i look_up(__m256i low_table, __m256i high_table,
                                                       __m256i bytes) {
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256i low = _mm256_shuffle_epi8(low_table, _mm256_and_si256(bytes, nibble));
  const __m256i high =
      _mm256_shuffle_epi8(high_table, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble));
  return _mm256_and_si256(low, high);
}

}  // namespace

__attribute__((target("avx2"))) uint8_t LiteralScanner::scan_avx2(std::string_view text,
                                                                  HitSet& hits) const {
  constexpr size_t kStep = 32;
  const __m256i fold = _mm256_set1_epi8(kFold);
  const __m256i class_low = load_table(kClassLow.data());
  const __m256i class_high = load_table(kClassHigh.data());
  const __m256i low[kWindow] = {load_table(low_[0].data()), load_table(low_[1].data()),
                                load_table(low_[2].data()), load_table(low_[3].data())};
  const __m256i high[kWindow] = {load_table(high_[0].data()), load_table(high_[1].data()),
                                 load_table(high_[2].data()), load_table(high_[3].data())};
  __m256i classes = _mm256_setzero_si256();
  alignas(32) char tail[kStep + kWindow];
  alignas(32) uint8_t buckets[kStep];
  for (size_t at = 0; at < text.size(); at += kStep) {
    const char* from = text.data() + at;
    const size_t left = text.size() - at;
    if (left < kStep + kWindow - 1) {
      std::memset(tail, 0, sizeof tail);
      std::memcpy(tail, from, left);
      from = tail;
    }
    __m256i match = _mm256_set1_epi8(-1);
    for (size_t i = 0; i < kWindow; ++i) {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i));
      if (i == 0) classes = _mm256_or_si256(classes, look_up(class_low, class_high, bytes));
      match = _mm256_and_si256(match, look_up(low[i], high[i], _mm256_or_si256(bytes, fold)));
    }
    const __m256i none = _mm256_cmpeq_epi8(match, _mm256_setzero_si256());
    auto candidates = ~static_cast<uint32_t>(_mm256_movemask_epi8(none));
    if (!candidates) continue;
    _mm256_store_si256(reinterpret_cast<__m256i*>(buckets), match);
    for (; candidates; candidates &= candidates - 1) {
      const auto offset = static_cast<size_t>(std::countr_zero(candidates));
      uint32_t four;
      std::memcpy(&four, from + offset, sizeof four);
      if (may_begin(four | kFold * 0x01010101U, buckets[offset])) confirm(text, at + offset, hits);
    }
  }
  alignas(32) std::array<uint64_t, 4> words;
  _mm256_store_si256(reinterpret_cast<__m256i*>(words.data()), classes);
  uint64_t all = words[0] | words[1] | words[2] | words[3];
  all |= all >> 32;
  all |= all >> 16;
  all |= all >> 8;
  return static_cast<uint8_t>(all);
}

uint8_t LiteralScanner::scan(std::string_view text, HitSet& hits) const {
  static const bool kHasAvx2 = __builtin_cpu_supports("avx2");
  return kHasAvx2 ? scan_avx2(text, hits) : scan_plain(text, hits);
}

#else

uint8_t LiteralScanner::scan(std::string_view text, HitSet& hits) const {
  return scan_plain(text, hits);
}

#endif

}  // namespace penstock::threat
