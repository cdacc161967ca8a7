// Any bytes as a dictionary file of each format, in each way of looking up: what is read can be
// found and is well-formed.
#include <cstdint>

#include "filters/translate/dictionary.h"
#include "filters/translate/dictionary_text.h"
#include "pipeline/base/check.h"
#include "pipeline/base/text.h"

namespace {

using namespace penstock;
using namespace penstock::translate;

void look_up_all(Entries entries, Dictionary::Mode mode) {
  const auto built = Dictionary::build(std::move(entries), mode);
  if (!built.ok()) return;  // a key that is no expression
  Dictionary::Scratch scratch;
  for (const Entries::Entry& entry : built.value()->entries().list()) {
    CHECK(is_utf8(entry.key), "keys are well-formed");
    const Value* found = built.value()->find(entry.key, scratch);
    CHECK(mode != Dictionary::Mode::exact || (found && equal(*found, entry.value)),
          "a key is found");
    if (found) CHECK(is_utf8(to_text(*found)), "values are well-formed");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Entries entries;
  size_t left_out = 0;
  const auto format = static_cast<Format>(data[0] % 3);
  if (!read_dictionary(text, format, entries, left_out).ok()) return 0;
  look_up_all(std::move(entries), static_cast<Dictionary::Mode>(data[0] / 3 % 3));
  return 0;
}
