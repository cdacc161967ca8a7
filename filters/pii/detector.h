// Finds personal data and secrets in text, in one pass. Bytes are classed 64 at a time; only where
// their classes make something possible (an '@', a '=' after a letter, a run of digit groups, a
// word whose first three letters begin a known one) a hand-written scanner looks closer. No regular
// expressions, no allocation but for the findings. Immutable, thread-safe.
//
// Cost is linear in the text: every scanner looks back and ahead by a named limit only.
// Tested by pii_detector_test.cpp and, on a labelled corpus, by pii_corpus_test.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "filters/pii/scan.h"

namespace penstock::pii {

// A time or a UUID: without context there is nothing to find in it. Cheap.
bool is_time_or_uuid(std::string_view text);
inline bool is_plain_id(std::string_view text) {
  constexpr size_t kShortest = 19, kLongest = 36;  // a time without fraction, a UUID
  return text.size() >= kShortest && text.size() <= kLongest && is_time_or_uuid(text);
}

// Appends to `out`, ascending, not overlapping, at most kFindingsMax. `given`: context that the
// name of the text's field gives. REQUIRES: well-formed UTF-8; findings never cut a character.
void find_all(std::string_view text, EntitySet wanted, ContextSet given, std::vector<Finding>& out);

}  // namespace penstock::pii
