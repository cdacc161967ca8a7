// How dead letters lie on disk. A segment file, <number>.dlq, is a run of records:
//
//   "PDL1" | size of the payload, u32 | CRC-32C of size and payload, u32 | payload
//   payload: seconds i64, nanoseconds u32, status i32, then pipeline, plugin type, plugin id,
//            reason, event (JSON), metadata (JSON), each as size u32 and bytes
//
// All numbers little-endian. A reader passes over what isn't a whole record with a right checksum
// and goes on at the next one, so a torn end or a damaged middle costs only itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/base/clock.h"
#include "pipeline/plugin/dead_letters.h"

namespace penstock {

struct StoredLetter {
  Instant time;
  int status = 0;
  std::string pipeline, plugin_type, plugin_id, reason, event_json, metadata_json;
};

std::string encode_letter(const DeadLetter& letter, std::string_view pipeline,
                          std::string_view reason, Instant time);

// The next whole record of `segment` at or after `at`, which moves behind it. False: there is none.
// Bytes passed over are added to `damaged`.
bool decode_letter(std::string_view segment, size_t& at, StoredLetter& letter, uint64_t& damaged);

}  // namespace penstock
