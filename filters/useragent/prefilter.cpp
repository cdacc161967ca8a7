// A literal is found by three of its letters, the ones that the fewest literals share: the text's
// runs of three are hashed into a table of 8192 slots, and only a full slot looks further. Against
// an Aho-Corasick automaton this keeps to 32 kB, which stays in the nearest cache.
#include "filters/useragent/prefilter.h"

#include <algorithm>
#include <map>

#include "pipeline/base/regex_literals.h"

namespace penstock {
namespace {

constexpr size_t kLettersMin = kRequiredLettersMin;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

uint32_t LiteralFilter::slot_of(const unsigned char* letters) {
  const uint32_t three =
      letters[0] | static_cast<uint32_t>(letters[1]) << 8 | static_cast<uint32_t>(letters[2]) << 16;
  return (three * 0x9E3779B1U) >> (32 - kTableBits);
}

void LiteralFilter::add(std::string_view regex) {
  const uint32_t number = count_++;
  const std::vector<std::string> needed = required_literals(regex, true);
  if (needed.empty()) always_.push_back(number);
  for (const std::string& text : needed) literals_.push_back({text, 0, {number}});
}

void LiteralFilter::finish() {
  std::map<std::string, std::vector<uint32_t>> by_text;
  for (Literal& literal : literals_) by_text[literal.text].push_back(literal.expressions[0]);
  literals_.clear();
  std::map<std::string, uint32_t> shared;  // three letters -> literals that have them
  for (const auto& [text, expressions] : by_text)
    for (size_t i = 0; i + kLettersMin <= text.size(); ++i) ++shared[text.substr(i, kLettersMin)];
  std::vector<std::vector<uint32_t>> slots(1U << kTableBits);
  for (auto& [text, expressions] : by_text) {
    uint32_t best = 0;
    for (uint32_t i = 1; i + kLettersMin <= text.size(); ++i)
      if (shared[text.substr(i, kLettersMin)] < shared[text.substr(best, kLettersMin)]) best = i;
    slots[slot_of(reinterpret_cast<const unsigned char*>(text.data()) + best)].push_back(
        static_cast<uint32_t>(literals_.size()));
    literals_.push_back({text, best, std::move(expressions)});
  }
  for (size_t slot = 0; slot < slots.size(); ++slot) {
    heads_[slot] = static_cast<uint32_t>(order_.size());
    order_.insert(order_.end(), slots[slot].begin(), slots[slot].end());
  }
  heads_.back() = static_cast<uint32_t>(order_.size());
}

void LiteralFilter::candidates(std::string_view text, std::vector<uint64_t>& bits) const {
  bits.assign((count_ + 63) / 64, 0);
  const auto set = [&](uint32_t number) { bits[number / 64] |= uint64_t{1} << (number % 64); };
  for (const uint32_t number : always_) set(number);
  thread_local std::string lowered;
  lowered.resize(text.size());
  std::transform(text.begin(), text.end(), lowered.begin(), lower);
  if (lowered.size() < kLettersMin) return;
  const auto* letters = reinterpret_cast<const unsigned char*>(lowered.data());
  for (size_t at = 0; at + kLettersMin <= lowered.size(); ++at) {
    const uint32_t slot = slot_of(letters + at);
    for (uint32_t i = heads_[slot]; i < heads_[slot + 1]; ++i) {
      const Literal& literal = literals_[order_[i]];
      if (at < literal.offset) continue;
      if (lowered.compare(at - literal.offset, literal.text.size(), literal.text) != 0) continue;
      for (const uint32_t number : literal.expressions) set(number);
    }
  }
}

}  // namespace penstock
