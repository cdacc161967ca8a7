// Any bytes as CEF, in both modes.
#include "tests/fuzz/codec_run.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  static const CodecPlugin plugin = cef_codec();
  static const auto plain = fuzz::make_decoder(plugin, R"(raw_data_field => "raw")");
  static const auto ecs = fuzz::make_decoder(plugin, "", Ecs::v8);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Batch batch;
  fuzz::decode(*plain, text, batch);
  fuzz::decode(*ecs, text, batch);
  return 0;
}
