// Any text through the detectors: findings are in range, in order, apart from each other and never
// cut a character; the scrubbed text is well-formed, and scrubbing it again soon changes nothing.
// (Real text settles at once, pii_corpus_test.cpp holds it to that. In one of some thousand mutated
// texts a mask parts or joins what stood around it, and the next round finds one thing more.)
#include <cstdint>
#include <string>
#include <vector>

#include "filters/pii/detector.h"
#include "pipeline/base/check.h"
#include "pipeline/base/text.h"

namespace {

using namespace penstock;

constexpr int kRoundsMax = 8;

bool cuts_character(std::string_view text, size_t at) {
  return at < text.size() && (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80;
}

std::string scrub(std::string_view text, pii::EntitySet wanted) {
  std::vector<pii::Finding> findings;
  pii::find_all(text, wanted, 0, findings);
  std::string out;
  size_t at = 0;
  for (const pii::Finding& finding : findings) {
    CHECK(finding.begin >= at && finding.begin < finding.end && finding.end <= text.size(),
          "findings ascend and lie in the text");
    CHECK(!cuts_character(text, finding.begin) && !cuts_character(text, finding.end),
          "findings cut no character");
    out += text.substr(at, finding.begin - at);
    out += pii::kEntityMasks[finding.kind];
    at = finding.end;
  }
  return out += text.substr(at);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text = replace_invalid_utf8({reinterpret_cast<const char*>(data), size});
  for (const pii::EntitySet wanted : {pii::kDefaultEntities, pii::kAllEntities}) {
    const std::string once = scrub(text, wanted);
    CHECK(is_utf8(once), "a scrubbed text is well-formed");
    std::string settled = once, again = scrub(once, wanted);
    for (int round = 0; round < kRoundsMax && again != settled; ++round) {
      settled = std::move(again);
      again = scrub(settled, wanted);
    }
    CHECK(again == settled, "scrubbing again and again settles");
  }
  return 0;
}
