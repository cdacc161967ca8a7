// LiteralScanner: which of several hundred literals occur in a text, whatever their case, and which
// kinds of telling bytes it has, in one pass at about 10 bytes a nanosecond.
//
// A literal of more than four bytes is found by its rarest four bytes: a bitmap holds the hashes
// of all such windows. As one of two neighbouring windows stands at an even place, only every
// second place of a text is asked. For the shorter literals, windows of two or three bytes are
// dealt to buckets, eight for the ones of two bytes and sixteen for the others, and two 16-entry
// tables per window byte tell for 32 places at once which of eight buckets may match there (the
// idea of Hyperscan's Teddy). What passes is compared.
//
// Immutable after construction, shared by workers. Tested by tests/filters/threat_scan_test.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::threat {

// Bytes worth knowing about. kEscape: any of % & +.
enum ByteClass : uint8_t {
  kEscape = 1,
  kBackslash = 2,
  kQuote = 4,  // ' or "
  kLess = 8,
  kSemicolon = 16,
  kPipe = 32,
  kBacktick = 64,
  kDollar = 128,
};

// The literals found so far, each once. One per worker, reused.
class HitSet {
 public:
  void resize(size_t literals) {
    seen_.assign(literals, false);
    hits_.clear();
  }
  void add(uint32_t literal) {
    if (seen_[literal]) return;
    seen_[literal] = true;
    hits_.push_back(literal);
  }
  void clear() {
    for (const uint32_t literal : hits_) seen_[literal] = false;
    hits_.clear();
  }
  std::span<const uint32_t> literals() const { return hits_; }
  bool empty() const { return hits_.empty(); }

 private:
  std::vector<bool> seen_;
  std::vector<uint32_t> hits_;
};

class LiteralScanner {
 public:
  static constexpr size_t kLiteralBytesMin = 2;

  LiteralScanner() : LiteralScanner(std::span<const std::string>()) {}
  // Literals are in lower case and at least kLiteralBytesMin long.
  explicit LiteralScanner(std::span<const std::string> literals);

  // Adds the literals that occur in `text` to `hits`; gives the ByteClass bits of its bytes.
  uint8_t scan(std::string_view text, HitSet& hits) const;
  // The same without SIMD: what other machines run, and what tests compare with.
  uint8_t scan_plain(std::string_view text, HitSet& hits) const;

 private:
  static constexpr size_t kWindow = 4;       // of literals longer than that
  static constexpr size_t kShortWindow = 3;  // of the others, or two bytes
  struct Window {
    uint32_t literal = 0;
    uint32_t offset = 0;  // of the window in the literal
    uint32_t width = 0;
    uint32_t bytes = 0;  // folded, the first one lowest
    uint32_t mask = 0;   // of `bytes`
  };
  using NibbleTable = std::array<uint8_t, 16>;
  // Eight buckets of short windows of one width.
  struct Teddy {
    alignas(16) std::array<NibbleTable, kShortWindow> low{};
    alignas(16) std::array<NibbleTable, kShortWindow> high{};
  };
  static constexpr size_t kTeddies = 3;  // the first is for two bytes
  static constexpr size_t kBuckets = 8 * kTeddies;
  using Rates = std::array<double, kBuckets>;
  uint32_t pair_of_window(const Window& window) const;
  void add_window(uint32_t literal, size_t offset, size_t width);
  void add_to_bitmap(const Window& window);
  void deal_short_windows();
  double pass_rate(size_t bucket, const Window* window) const;
  size_t cheapest_bucket(const Window& window, const Rates& rates) const;
  void add_to_bucket(const Window& window, size_t bucket);
  // A literal's window may begin at text[at].
  void confirm(std::string_view text, size_t at, HitSet& hits) const;
#if defined(__x86_64__)
  uint8_t scan_avx2(std::string_view text, HitSet& hits) const;
  bool is_short(uint32_t four_bytes) const;
  uint32_t long_candidates(const char* from) const;
  bool is_long(uint32_t four_bytes) const;
  uint32_t short_candidates(const char* from) const;
  static void copy_tail(const char* from, size_t size, char* to);
#endif

  std::vector<std::string> literals_;
  std::vector<Window> windows_;                // sorted by their first two bytes
  std::vector<uint16_t> pair_begin_;           // index into windows_ by pair rank
  std::array<uint64_t, 65536 / 64> pairs_{};   // which first two bytes begin a window
  std::array<uint16_t, 65536 / 64> rank_{};    // pairs before each word of pairs_
  std::array<uint64_t, 4096 / 64> triples_{};  // hashes of windows of three bytes
  std::array<uint64_t, 4096 / 64> doubles_{};  // hashes of windows of two bytes
  std::array<uint64_t, 65536 / 64> fours_{};   // hashes of windows of four bytes
  std::array<uint64_t, 65536 / 64> sure_{};    // other hashes of them
  std::array<Teddy, kTeddies> teddies_{};
};

}  // namespace penstock::threat
