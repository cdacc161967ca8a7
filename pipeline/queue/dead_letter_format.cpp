#include "pipeline/queue/dead_letter_format.h"

#include <cstring>

#include "pipeline/queue/crc32c.h"

namespace penstock {
namespace {

constexpr std::string_view kMark = "PDL1";
constexpr size_t kHeadBytes = 12;
constexpr size_t kFixedBytes = 16;  // time and status

template <class T>
void put_number(std::string& out, T number) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &number, sizeof(T));  // x86 and ARM Linux are little-endian
  out.append(bytes, sizeof(T));
}

template <class T>
T number_at(const char* from) {
  T number;
  std::memcpy(&number, from, sizeof(T));
  return number;
}

void put_text(std::string& out, std::string_view text) {
  put_number(out, static_cast<uint32_t>(text.size()));
  out.append(text);
}

bool take_text(std::string_view& from, std::string& text) {
  if (from.size() < 4) return false;
  const auto size = number_at<uint32_t>(from.data());
  from.remove_prefix(4);
  if (from.size() < size) return false;
  text = from.substr(0, size);
  from.remove_prefix(size);
  return true;
}

bool decode_payload(std::string_view payload, StoredLetter& letter) {
  if (payload.size() < kFixedBytes) return false;
  letter.time.seconds = number_at<int64_t>(payload.data());
  letter.time.nanoseconds = number_at<uint32_t>(payload.data() + 8);
  letter.status = number_at<int32_t>(payload.data() + 12);
  payload.remove_prefix(kFixedBytes);
  return letter.time.nanoseconds < 1'000'000'000 && take_text(payload, letter.pipeline) &&
         take_text(payload, letter.plugin_type) && take_text(payload, letter.plugin_id) &&
         take_text(payload, letter.reason) && take_text(payload, letter.event_json) &&
         take_text(payload, letter.metadata_json) && payload.empty();
}

}  // namespace

std::string encode_letter(const DeadLetter& letter, std::string_view pipeline,
                          std::string_view reason, Instant time) {
  std::string payload;
  put_number(payload, time.seconds);
  put_number(payload, time.nanoseconds);
  put_number(payload, static_cast<int32_t>(letter.status));
  for (const auto text : {pipeline, letter.plugin_type, letter.plugin_id, reason, letter.event_json,
                          letter.metadata_json})
    put_text(payload, text);
  std::string size;
  put_number(size, static_cast<uint32_t>(payload.size()));
  std::string out(kMark);
  out += size;
  put_number(out, crc32c(payload, crc32c(size)));
  return out + payload;
}

bool decode_letter(std::string_view segment, size_t& at, StoredLetter& letter, uint64_t& damaged) {
  const size_t began = at;
  while (true) {
    const size_t mark = segment.find(kMark, at);
    if (mark == std::string_view::npos) {
      damaged += segment.size() - began;
      at = segment.size();
      return false;
    }
    at = mark + 1;  // where to look on when this isn't one
    const std::string_view rest = segment.substr(mark);
    if (rest.size() < kHeadBytes) continue;
    const auto size = number_at<uint32_t>(rest.data() + 4);
    if (rest.size() - kHeadBytes < size) continue;
    const std::string_view payload = rest.substr(kHeadBytes, size);
    if (number_at<uint32_t>(rest.data() + 8) != crc32c(payload, crc32c(rest.substr(4, 4))))
      continue;
    if (!decode_payload(payload, letter)) continue;
    damaged += mark - began;
    at = mark + kHeadBytes + size;
    return true;
  }
}

}  // namespace penstock
