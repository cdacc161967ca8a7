// LiteralFilter: which of many regular expressions can match a text at all, by the letters that
// each needs to be there. One pass over the text, linear; no false negatives.
// Built once, then immutable and thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

class LiteralFilter {
 public:
  // Expressions are numbered in the order in which they are added.
  void add(std::string_view regex);
  void finish();

  size_t size() const { return count_; }
  // Sets bit n of `bits` (of (size() + 63) / 64 words) when expression n may match.
  void candidates(std::string_view text, std::vector<uint64_t>& bits) const;

 private:
  static constexpr unsigned kTableBits = 13;
  struct Literal {
    std::string text;
    uint32_t offset;  // of its chosen three letters
    std::vector<uint32_t> expressions;
  };
  static uint32_t slot_of(const unsigned char* letters);

  uint32_t count_ = 0;
  std::vector<uint32_t> always_;
  std::vector<Literal> literals_;
  // By the hash of three letters: literals_ in [heads_[slot], heads_[slot + 1]) of order_.
  std::array<uint32_t, (1U << kTableBits) + 1> heads_{};
  std::vector<uint32_t> order_;
};

}  // namespace penstock
