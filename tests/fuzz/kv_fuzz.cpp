// Texts of pairs, by classes of letters: the splitter by hand must end, stay within the text, and
// find what the expression finds (as long as that one ends by itself).
// Input: a byte of options, then the text.
#include <cstdint>
#include <string>

#include "filters/kv/splitter.h"
#include "pipeline/base/check.h"
#include "pipeline/base/text.h"

namespace {

using namespace penstock;

constexpr size_t kComparedMax = 24;  // bytes; longer texts may exhaust the expression
const char* const kFieldSplits[] = {" ", "&;", ",\\n", "|"};
const char* const kValueSplits[] = {"=", ":=", " =", "\""};

struct Splitters {
  std::unique_ptr<kv::Splitter> by_hand, by_pattern;
};

Splitters& splitters_of(uint8_t choice) {
  static Splitters made[32];
  Splitters& out = made[choice % 32];
  if (out.by_hand) return out;
  kv::SplitOptions options;
  options.field_split = kFieldSplits[choice & 3];
  options.value_split = kValueSplits[choice >> 2 & 3];
  options.lenient = (choice & 16) != 0;
  out.by_hand = kv::make_class_splitter(options);
  auto by_pattern = kv::make_pattern_splitter(options);
  CHECK(out.by_hand && by_pattern.ok(), "these options are fine for both");
  out.by_pattern = std::move(by_pattern).value();
  return out;
}

bool inside(std::string_view part, std::string_view text) {
  return part.empty() ||
         (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text =
      replace_invalid_utf8({reinterpret_cast<const char*>(data) + 1, size - 1});
  Splitters& splitters = splitters_of(data[0]);
  const bool compared = text.size() <= kComparedMax;
  splitters.by_hand->renew(text.size());
  const bool has_split = splitters.by_hand->has_split(text);
  if (compared)
    CHECK(has_split == splitters.by_pattern->has_split(text), "both see the same splits");
  kv::Pair pair, other;
  size_t at = 0, other_at = 0;
  while (has_split) {
    const size_t before = at;
    const auto outcome = splitters.by_hand->next(text, at, pair);
    if (compared)
      CHECK(outcome == splitters.by_pattern->next(text, other_at, other), "both find a pair");
    if (outcome != kv::Outcome::pair) break;
    CHECK(at > before && at <= text.size(), "each pair moves on");
    CHECK(inside(pair.key, text) && inside(pair.value, text), "parts are of the text");
    CHECK(is_utf8(pair.key) && is_utf8(pair.value), "parts cut no character");
    if (compared) CHECK(pair.key == other.key && pair.value == other.value, "the same pair");
  }
  return 0;
}
