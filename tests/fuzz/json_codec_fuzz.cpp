// Any bytes through the json decoder: events are complete, their strings well-formed UTF-8, and
// each leaves as one line that reads back.
#include <cstdint>
#include <string_view>

#include "codecs/json_events.h"
#include "pipeline/base/text.h"
#include "pipeline/event/json_writer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  Context context;
  static JsonDecoder plain(Charset::utf8(), std::nullopt, false, context);
  static JsonDecoder keeping(Charset::utf8(), std::nullopt, true, context);
  JsonDecoder& decoder = size > 0 && data[0] % 2 ? keeping : plain;
  Batch batch;
  decoder.decode({reinterpret_cast<const char*>(data), size}, batch);
  JsonReader reader;
  for (Row row = 0; row < batch.size(); ++row) {
    CHECK(batch[row].timestamp() != nullptr, "an event has a time");
    ByteBuffer out;
    write_json(batch[row].root(), out);
    CHECK(is_utf8(out.view()), "an event is well-formed UTF-8");
    CHECK(out.view().find('\n') == std::string_view::npos, "an event is one line");
    Arena arena;
    Value again;
    CHECK(reader.read(out.view(), arena, again) == JsonReader::Outcome::ok && again.is_object(),
          "what was written reads back");
  }
  return 0;
}
