// Any pattern over any text: neither crashes; a text that fits leaves well-formed fields.
// Input: the pattern, a zero byte, the text.
#include <cstdint>
#include <string>

#include "filters/dissect/pattern.h"
#include "pipeline/base/check.h"
#include "pipeline/base/text.h"
#include "pipeline/event/batch.h"
#include "pipeline/event/json_writer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  const std::string input = replace_invalid_utf8({reinterpret_cast<const char*>(data), size});
  const size_t cut = std::min(input.find('\0'), input.size());
  const std::string text = input.substr(std::min(cut + 1, input.size()));
  auto pattern = dissect::Pattern::parse(std::string_view(input).substr(0, cut));
  if (!pattern.ok() || text.empty()) return 0;
  Batch batch;
  const Row row = batch.append();
  for (int round = 0; round < 2; ++round)  // the second meets the fields of the first
    (void)pattern.value().apply(text, 0, batch[row]);
  ByteBuffer json;
  write_json(batch[row].root(), json);
  CHECK(is_utf8(json.view()), "fields cut no character");
  return 0;
}
