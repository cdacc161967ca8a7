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
constexpr uint32_t kHashFactor = 0x9e3779b1U;
constexpr uint32_t kOtherFactor = 0x85ebca6b;
uint32_t hash_of(uint32_t four) { return four * kHashFactor >> 16; }
// Of two or three; 12 bits.
uint32_t other_hash_of(uint32_t bytes) { return bytes * kOtherFactor >> 16; }
uint32_t short_hash_of(uint32_t bytes) { return bytes * kHashFactor >> 20; }

// How common a byte is in logs, roughly, in powers of two.
unsigned commonness(char c) {
  static constexpr std::string_view kByFrequency = "e ationsrldcpm0u1.hg-/2f:3y5";
  const size_t place = kByFrequency.find(static_cast<char>(lower(c)));
  if (place == std::string_view::npos) return 1;
  return place < 10 ? 6 : place < 20 ? 5 : 4;
}

// What a byte adds to the rate at which places pass, for the bytes that folding leaves.
struct Weight {
  uint8_t byte;
  double weight;
};
std::span<const Weight> weights() {
  static const std::vector<Weight> kWeights = [] {
    std::vector<Weight> all;
    for (unsigned byte = 0; byte < 128; ++byte)
      if (const char c = static_cast<char>(byte); byte == folded(c))
        all.push_back({static_cast<uint8_t>(byte), (1U << commonness(c)) / 1024.0});
    return all;
  }();
  return kWeights;
}

// Pairs that stand next to each other far more often than their letters would by chance.
bool is_common_pair(char a, char b) {
  static constexpr std::string_view kPairs =
      "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le "
      "ve "
      "co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur pr ct ow et us lo om pa ss id ge "
      "rd ta so ht tt tp ok ve un wi il la ex pt no ac ad am ap po pe ec ve ry ad em ut mo";
  for (size_t i = 0; i < kPairs.size(); i += 3)
    if (kPairs[i] == a && kPairs[i + 1] == b) return true;
  return false;
}

size_t rarest_window(std::string_view literal, size_t width) {
  if (literal.size() <= width) return 0;
  size_t best = 0;
  unsigned best_cost = ~0U;
  for (size_t at = 0; at + width <= literal.size(); ++at) {
    unsigned cost = 0;
    for (size_t i = 0; i < width; ++i) cost += commonness(literal[at + i]);
    for (size_t i = 1; i < width; ++i)
      if (is_common_pair(literal[at + i - 1], literal[at + i])) cost += 3;
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
  CHECK(literals.size() < 32768, "too many literals");
  for (uint32_t i = 0; i < literals_.size(); ++i) {
    const size_t size = literals_[i].size();
    CHECK(size >= kLiteralBytesMin, "a literal is too short to be looked for");
    if (size <= kWindow) {
      const size_t width = std::min(size, kShortWindow);
      add_window(i, rarest_window(literals_[i], width), width);
    } else {  // one of two neighbours stands at an even place
      const size_t at = rarest_window(literals_[i], kWindow + 1);
      add_window(i, at, kWindow);
      add_window(i, at + 1, kWindow);
    }
  }
  std::stable_sort(windows_.begin(), windows_.end(), [&](const Window& a, const Window& b) {
    return pair_of_window(a) < pair_of_window(b);
  });
  for (size_t i = 0; i < windows_.size(); ++i) {
    const Window& window = windows_[i];
    if (window.width == kWindow) add_to_bitmap(window);
    const uint32_t p = pair_of_window(window);
    if (!(pairs_[p / 64] >> (p % 64) & 1)) pair_begin_.push_back(static_cast<uint16_t>(i));
    pairs_[p / 64] |= uint64_t{1} << (p % 64);
  }
  deal_short_windows();
  pair_begin_.push_back(static_cast<uint16_t>(windows_.size()));
  for (size_t word = 1; word < pairs_.size(); ++word)
    rank_[word] = static_cast<uint16_t>(rank_[word - 1] + std::popcount(pairs_[word - 1]));
}

void LiteralScanner::add_window(uint32_t literal, size_t offset, size_t width) {
  Window& window = windows_.emplace_back();
  window.literal = literal;
  window.offset = static_cast<uint32_t>(offset);
  window.width = static_cast<uint32_t>(width);
  for (size_t i = width; i-- > 0;) {
    window.bytes = window.bytes << 8 | folded(literals_[literal][offset + i]);
    window.mask = window.mask << 8 | 0xff;
  }
}

// The commonest first, so that they share buckets with each other.
void LiteralScanner::deal_short_windows() {
  std::vector<std::pair<unsigned, const Window*>> shorts;
  for (const Window& window : windows_) {
    if (window.width == kWindow) continue;
    unsigned common = 0;
    for (size_t i = 0; i < window.width; ++i)
      common += commonness(literals_[window.literal][window.offset + i]);
    shorts.emplace_back(common, &window);
  }
  std::stable_sort(shorts.begin(), shorts.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  Rates rates{};  // of the buckets as they are
  for (const auto& [common, window] : shorts) {
    const size_t bucket = cheapest_bucket(*window, rates);
    add_to_bucket(*window, bucket);
    rates[bucket] = pass_rate(bucket, nullptr);
  }
}

uint32_t LiteralScanner::pair_of_window(const Window& window) const {
  const std::string& literal = literals_[window.literal];
  return pair_of(literal[window.offset], literal[window.offset + 1]);
}

void LiteralScanner::add_to_bitmap(const Window& window) {
  const uint32_t hash = hash_of(window.bytes);
  fours_[hash / 64] |= uint64_t{1} << (hash % 64);
  const uint32_t other = other_hash_of(window.bytes);
  sure_[other / 64] |= uint64_t{1} << (other % 64);
}

// How often, roughly, a bucket would pass a place if it held the window, too; or does now.
double LiteralScanner::pass_rate(size_t bucket, const Window* window) const {
  const Teddy& teddy = teddies_[bucket / 8];
  const size_t width = bucket < 8 ? kShortWindow - 1 : kShortWindow;
  double rate = 1;
  for (size_t i = 0; i < width; ++i) {
    const auto byte = static_cast<uint8_t>(window ? window->bytes >> (8 * i) : 0);
    double of_byte = 0;
    for (const auto& [other, weight] : weights()) {
      const bool low =
          teddy.low[i][other & 15] >> bucket % 8 & 1 || (window && (byte & 15) == (other & 15));
      const bool high =
          teddy.high[i][other >> 4] >> bucket % 8 & 1 || (window && byte >> 4 == other >> 4);
      if (low && high) of_byte += weight;
    }
    rate *= of_byte;
  }
  return rate;
}

size_t LiteralScanner::cheapest_bucket(const Window& window, const Rates& rates) const {
  const bool wide = window.width == kShortWindow;
  size_t best = wide ? 8 : 0;
  double best_cost = 1e9;
  for (size_t bucket = best; bucket < (wide ? kBuckets : 8); ++bucket) {
    const double cost = pass_rate(bucket, &window) - rates[bucket];
    if (cost < best_cost) best_cost = cost, best = bucket;
  }
  return best;
}

void LiteralScanner::add_to_bucket(const Window& window, size_t bucket) {
  Teddy& teddy = teddies_[bucket / 8];
  const auto bit = static_cast<uint8_t>(1U << bucket % 8);
  for (size_t i = 0; i < window.width; ++i) {
    const auto byte = static_cast<uint8_t>(window.bytes >> (8 * i));
    teddy.low[i][byte & 15] |= bit;
    teddy.high[i][byte >> 4] |= bit;
  }
  auto& bitmap = window.width == kShortWindow ? triples_ : doubles_;
  const uint32_t hash = short_hash_of(window.bytes);
  bitmap[hash / 64] |= uint64_t{1} << (hash % 64);
}

void LiteralScanner::confirm(std::string_view text, size_t at, HitSet& hits) const {
  if (at + 1 >= text.size()) return;
  const uint32_t pair = pair_of(text[at], text[at + 1]);
  const uint64_t word = pairs_[pair / 64];
  const uint64_t bit = uint64_t{1} << (pair % 64);
  if (!(word & bit)) return;
  const size_t rank = rank_[pair / 64] + static_cast<size_t>(std::popcount(word & (bit - 1)));
  uint32_t four = 0;
  std::memcpy(&four, text.data() + at, std::min(kWindow, text.size() - at));
  four |= kFold * 0x01010101U;
  for (size_t i = pair_begin_[rank]; i < pair_begin_[rank + 1]; ++i) {
    if ((four & windows_[i].mask) != windows_[i].bytes) continue;
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

// REQUIRES: the bytes are folded, the first one lowest.
inline bool LiteralScanner::is_short(uint32_t four) const {
  const uint32_t triple = short_hash_of(four & 0xffffff);
  const uint32_t pair = short_hash_of(four & 0xffff);
  return ((triples_[triple / 64] >> (triple % 64)) | (doubles_[pair / 64] >> (pair % 64))) & 1;
}

// The same for a place that passed the first bitmap, which one in thirty does by chance.
inline bool LiteralScanner::is_long(uint32_t four) const {
  const uint32_t hash = other_hash_of(four);
  return sure_[hash / 64] >> (hash % 64) & 1;
}

// Bit i: a long literal's window may begin at the i-th of these places: 0 4 8 .. 28 2 6 10 .. 30.
__attribute__((target("avx2"))) inline uint32_t LiteralScanner::long_candidates(
    const char* from) const {
  alignas(32) std::array<uint32_t, 16> hashes;
  const __m256i factor = _mm256_set1_epi32(static_cast<int>(kHashFactor));
  const __m256i fold = _mm256_set1_epi8(kFold);
  for (size_t half = 0; half < 2; ++half) {
    const __m256i fours = _mm256_or_si256(
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + 2 * half)), fold);
    const __m256i product = _mm256_srli_epi32(_mm256_mullo_epi32(fours, factor), 16);
    _mm256_store_si256(reinterpret_cast<__m256i*>(hashes.data() + 8 * half), product);
  }
  uint32_t candidates = 0;
#pragma GCC unroll 16
  for (size_t i = 0; i < hashes.size(); ++i)
    candidates |= static_cast<uint32_t>(fours_[hashes[i] / 64] >> (hashes[i] % 64) & 1) << i;
  return candidates;
}

// The last bytes of a text, fewer than 35, with zeros behind them. `to` has 64 bytes.
__attribute__((target("avx2"))) inline void LiteralScanner::copy_tail(const char* from, size_t size,
                                                                      char* to) {
  const __m256i zero = _mm256_setzero_si256();
  _mm256_store_si256(reinterpret_cast<__m256i*>(to), zero);
  _mm256_store_si256(reinterpret_cast<__m256i*>(to + 32), zero);
  const auto ends = [&]<class Word>(Word first, Word last) {
    std::memcpy(&first, from, sizeof first);
    std::memcpy(&last, from + size - sizeof last, sizeof last);
    std::memcpy(to, &first, sizeof first);
    std::memcpy(to + size - sizeof last, &last, sizeof last);
  };
  if (size >= 16) {
    if (size > 32) std::memcpy(to + 16, from + 16, 16);
    ends(__m128i{}, __m128i{});
  } else if (size >= 8) {
    ends(uint64_t{}, uint64_t{});
  } else if (size >= 4) {
    ends(uint32_t{}, uint32_t{});
  } else {
    for (size_t i = 0; i < size; ++i) to[i] = from[i];
  }
}

// Bit i: a short literal's window may begin at the i-th of 32 places.
__attribute__((target("avx2"))) inline uint32_t LiteralScanner::short_candidates(
    const char* from) const {
  const auto folded_at = [&](size_t i) __attribute__((target("avx2"))) {
    return _mm256_or_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i)),
                           _mm256_set1_epi8(kFold));
  };
  const __m256i first = folded_at(0), second = folded_at(1), third = folded_at(2);
  const auto pairs = [&](const Teddy& teddy) __attribute__((target("avx2"))) {
    return _mm256_and_si256(
        look_up(load_table(teddy.low[0].data()), load_table(teddy.high[0].data()), first),
        look_up(load_table(teddy.low[1].data()), load_table(teddy.high[1].data()), second));
  };
  __m256i any = pairs(teddies_[0]);
  for (const Teddy* teddy : {&teddies_[1], &teddies_[2]}) {
    const __m256i last =
        look_up(load_table(teddy->low[2].data()), load_table(teddy->high[2].data()), third);
    any = _mm256_or_si256(any, _mm256_and_si256(pairs(*teddy), last));
  }
  const __m256i none = _mm256_cmpeq_epi8(any, _mm256_setzero_si256());
  return ~static_cast<uint32_t>(_mm256_movemask_epi8(none));
}

// `flatten` compiles all that it calls for these instructions, too.
__attribute__((target("avx2,bmi,bmi2,popcnt"), flatten)) uint8_t LiteralScanner::scan_avx2(
    std::string_view text, HitSet& hits) const {
  constexpr size_t kStep = 32;
  const __m256i class_low = load_table(kClassLow.data());
  const __m256i class_high = load_table(kClassHigh.data());
  __m256i classes = _mm256_setzero_si256();
  alignas(32) char tail[2 * kStep];
  for (size_t at = 0; at < text.size(); at += kStep) {
    const char* from = text.data() + at;
    const size_t left = text.size() - at;
    if (left < kStep + kWindow - 1) {
      copy_tail(from, left, tail);
      from = tail;
    }
    const __m256i raw = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    classes = _mm256_or_si256(classes, look_up(class_low, class_high, raw));
    for (uint32_t shorts = short_candidates(from); shorts; shorts &= shorts - 1) {
      const auto offset = static_cast<size_t>(std::countr_zero(shorts));
      uint32_t four;
      std::memcpy(&four, from + offset, sizeof four);
      if (is_short(four | kFold * 0x01010101U)) confirm(text, at + offset, hits);
    }
    for (uint32_t longs = long_candidates(from); longs; longs &= longs - 1) {
      const auto i = static_cast<size_t>(std::countr_zero(longs));
      const size_t offset = i < 8 ? 4 * i : 4 * i - 30;
      uint32_t four;
      std::memcpy(&four, from + offset, sizeof four);
      if (is_long(four | kFold * 0x01010101U)) confirm(text, at + offset, hits);
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
  static const bool kHasAvx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
                               __builtin_cpu_supports("popcnt");
  return kHasAvx2 ? scan_avx2(text, hits) : scan_plain(text, hits);
}

#else

uint8_t LiteralScanner::scan(std::string_view text, HitSet& hits) const {
  return scan_plain(text, hits);
}

#endif

}  // namespace penstock::threat
