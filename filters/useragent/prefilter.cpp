// A literal is found by three of its letters, the ones that the fewest literals share: the text's
// runs of three are hashed into a table of 8192 slots, and only a full slot looks further. Against
// an Aho-Corasick automaton this keeps to 32 kB, which stays in the nearest cache.
#include "filters/useragent/prefilter.h"

#include <algorithm>
#include <map>
#include <optional>

#include "pipeline/base/text.h"

namespace penstock {
namespace {

constexpr size_t kLettersMin = 3;
constexpr size_t kAlternativesMax = 64;  // of one expression
constexpr unsigned kNestingMax = 50;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// A set of literals, one of which is needed; better is one whose shortest is longer.
using Needed = std::vector<std::string>;
size_t worth(const Needed& needed) {
  size_t shortest = needed.empty() ? 0 : 1000;
  for (const std::string& text : needed) shortest = std::min(shortest, text.size());
  return shortest;
}

class Finder {
 public:
  explicit Finder(std::string_view regex) : in_(regex) {}
  Needed run() {
    Needed out = alternatives(0);
    return at_ == in_.size() ? out : Needed{};  // a stray parenthesis: not understood
  }

 private:
  bool done() const { return at_ >= in_.size(); }
  char peek() const { return done() ? '\0' : in_[at_]; }

  Needed alternatives(unsigned depth) {
    Needed all = sequence(depth);
    bool sure = !all.empty();
    while (peek() == '|') {
      ++at_;
      const Needed next = sequence(depth);
      sure = sure && !next.empty();
      all.insert(all.end(), next.begin(), next.end());
    }
    if (!sure || all.size() > kAlternativesMax) return {};
    return all;
  }

  // Up to the next | or ) of this level.
  Needed sequence(unsigned depth) {
    Needed best;
    std::string run;
    const auto end_run = [&] {
      if (run.size() >= kLettersMin && run.size() > worth(best)) best = {run};
      run.clear();
    };
    while (!done() && peek() != '|' && peek() != ')') {
      if (peek() == '(') {
        end_run();
        const Needed inner = group(depth);
        if (!optional() && worth(inner) > worth(best)) best = inner;
        skip_quantifier();
        continue;
      }
      const std::optional<char> letter = element();
      const bool maybe = optional(), repeated = is_quantifier();
      skip_quantifier();
      if (letter && !maybe) run += lower(*letter);
      if (!letter || maybe || repeated) end_run();
    }
    end_run();
    return best;
  }

  Needed group(unsigned depth) {
    ++at_;
    bool plain = true;
    if (peek() == '?') {
      // (?:...) is understood; flags, look-around and the rest are passed over.
      plain = in_.substr(at_, 2) == "?:";
      ++at_;
      if (plain) ++at_;
    }
    Needed inner;
    if (depth < kNestingMax) {
      inner = alternatives(depth + 1);
    } else {
      at_ = in_.size();
    }
    if (peek() == ')') ++at_;
    return plain ? inner : Needed{};
  }

  // One letter, class or escape. The letter, when it is just one.
  std::optional<char> element() {
    const char c = in_[at_++];
    if (c == '[') {
      skip_class();
      return std::nullopt;
    }
    if (c == '\\') {
      const char escaped = peek();
      if (!done()) ++at_;
      const bool punctuation = escaped > ' ' && escaped < 0x7F &&
                               !(escaped >= '0' && escaped <= '9') &&
                               !(lower(escaped) >= 'a' && lower(escaped) <= 'z');
      if (punctuation) return escaped;
      // \x41, \Q...\E and the like: letters that aren't meant as such may follow.
      if (std::string_view("dDwWsSbBAzZtnr").find(escaped) == std::string_view::npos)
        at_ = in_.size() + 1;
      return std::nullopt;
    }
    if (c == '.' || c == '^' || c == '$' || c < ' ' || c >= 0x7F) return std::nullopt;
    return c;
  }

  void skip_class() {
    if (peek() == '^') ++at_;
    if (peek() == ']') ++at_;
    while (!done() && peek() != ']') at_ += peek() == '\\' ? 2 : 1;
    ++at_;
  }

  bool is_interval() const {
    return peek() == '{' && at_ + 1 < in_.size() && in_[at_ + 1] >= '0' && in_[at_ + 1] <= '9';
  }
  bool is_quantifier() const {
    return peek() == '?' || peek() == '*' || peek() == '+' || is_interval();
  }
  bool optional() const {
    return peek() == '?' || peek() == '*' || (is_interval() && in_[at_ + 1] == '0');
  }
  void skip_quantifier() {
    while (is_quantifier()) {
      if (peek() == '{') at_ = std::min(in_.find('}', at_), in_.size());
      ++at_;
    }
  }

  std::string_view in_;
  size_t at_ = 0;
};

}  // namespace

std::vector<std::string> required_literals(std::string_view regex) { return Finder(regex).run(); }

uint32_t LiteralFilter::slot_of(const unsigned char* letters) {
  const uint32_t three =
      letters[0] | static_cast<uint32_t>(letters[1]) << 8 | static_cast<uint32_t>(letters[2]) << 16;
  return (three * 0x9E3779B1U) >> (32 - kTableBits);
}

void LiteralFilter::add(std::string_view regex) {
  const uint32_t number = count_++;
  const std::vector<std::string> needed = required_literals(regex);
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
