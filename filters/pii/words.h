// The words and prefixes at which a scanner starts. Stateless, thread-safe.
#pragma once

#include "filters/pii/scan.h"

namespace penstock::pii {

// False for nearly all words: three letters' worth of a hash into a small bitmap. REQUIRES: three
// readable bytes at `at`.
bool may_begin_known_word(const char* at);

// Runs the scanners of the known words that begin at `begin`.
void look_at_word(Scan& scan, size_t begin);

}  // namespace penstock::pii
