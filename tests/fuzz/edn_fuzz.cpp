// Any bytes as EDN; what was read is written and read again the same.
#include "codecs/edn/reader.h"
#include "tests/fuzz/codec_run.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  static const CodecPlugin plugin = edn_codec();
  static const auto decoder = fuzz::make_decoder(plugin, "");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Batch batch;
  fuzz::decode(*decoder, text, batch);
  edn::Reader reader;
  Arena arena;
  Value value, again;
  if (!is_utf8(text) || !reader.read(text, arena, value)) return 0;
  ByteBuffer written, twice;
  edn::write(value, written);
  CHECK(reader.read(written.view(), arena, again), "what was read can be written");
  edn::write(again, twice);
  CHECK(written.view() == twice.view(), "and is the same");
  return 0;
}
