// A dead-letter segment of any bytes: reading ends, accounts for every byte, and what it reads is
// written again as the same letter.
#include <cstddef>
#include <cstdint>

#include "pipeline/base/check.h"
#include "pipeline/queue/dead_letter_format.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view segment(reinterpret_cast<const char*>(data), size);
  size_t at = 0;
  uint64_t damaged = 0, whole = 0;
  penstock::StoredLetter letter;
  while (at < segment.size() && penstock::decode_letter(segment, at, letter, damaged)) {
    penstock::DeadLetter copy;
    copy.event_json = letter.event_json;
    copy.metadata_json = letter.metadata_json;
    copy.plugin_type = letter.plugin_type;
    copy.plugin_id = letter.plugin_id;
    copy.status = letter.status;
    const std::string again =
        penstock::encode_letter(copy, letter.pipeline, letter.reason, letter.time);
    CHECK(segment.substr(at - again.size(), again.size()) == again, "a record reads back");
    whole += again.size();
  }
  CHECK(whole + damaged == segment.size(), "every byte is accounted for");
  return 0;
}
