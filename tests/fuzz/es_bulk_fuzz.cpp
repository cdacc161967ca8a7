// Any bytes as bulk requests: framed alike however they are split, and whole.
#include "tests/fuzz/codec_run.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  static const CodecPlugin plugin = es_bulk_codec();
  static const auto decoder = fuzz::make_decoder(plugin, "");
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  fuzz::frame(plugin, "", text, 1 + data[0] % 7, *decoder);
  Batch batch;
  fuzz::decode(*decoder, text, batch);
  return 0;
}
