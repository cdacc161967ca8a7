// LiteralScanner: which of several hundred literals occur in a text, whatever their case, and which
// kinds of telling bytes it has, in one pass at about 10 bytes a nanosecond.
//
// Each literal is found by a window of its rarest four bytes. The windows are sorted and dealt to
// eight buckets, so that a bucket's windows begin alike; two 16-entry tables per window byte tell
// for 32 positions at once which buckets may match there (the idea of Hyperscan's Teddy). The few
// positions that pass are looked up by a hash of their four bytes in a bitmap, and compared.
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
  struct Window {
    uint32_t literal = 0;
    uint32_t offset = 0;  // of the window in the literal
  };
  void add_to_tables(std::string_view bytes, size_t bucket);
  bool may_begin(uint32_t four_bytes, uint8_t buckets) const;
  // A literal's window may begin at text[at].
  void confirm(std::string_view text, size_t at, HitSet& hits) const;
#if defined(__x86_64__)
  uint8_t scan_avx2(std::string_view text, HitSet& hits) const;
#endif

  static constexpr size_t kWindow = 4;
  // Seven buckets for windows of four bytes and the last for shorter literals.
  static constexpr size_t kBuckets = 7;
  static constexpr uint8_t kShortBucket = 1U << kBuckets;

  std::vector<std::string> literals_;
  std::vector<Window> windows_;                // sorted by their first two bytes
  std::vector<uint16_t> pair_begin_;           // index into windows_ by pair rank
  std::array<uint64_t, 65536 / 64> pairs_{};   // which first two bytes begin a window
  std::array<uint16_t, 65536 / 64> rank_{};    // pairs before each word of pairs_
  std::array<uint64_t, 65536 / 64> shorts_{};  // first two bytes of shorter literals
  std::array<uint64_t, 65536 / 64> fours_{};   // hashes of whole windows
  alignas(32) std::array<std::array<uint8_t, 16>, kWindow> low_{};
  alignas(32) std::array<std::array<uint8_t, 16>, kWindow> high_{};
};

}  // namespace penstock::threat
