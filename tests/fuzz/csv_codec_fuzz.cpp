// Any bytes through the csv codec, with a header of the stream's own and without.
#include "tests/fuzz/codec_run.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  static const CodecPlugin plugin = csv_codec();
  static const auto plain =
      fuzz::make_decoder(plugin, R"(columns => ["a", "b", "a"] convert => { "b" => "date" })");
  static const auto detecting = fuzz::make_decoder(plugin, "autodetect_column_names => true");
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  fuzz::frame(plugin, "autodetect_column_names => true", text, 1 + data[0] % 7, *detecting);
  Batch batch;
  fuzz::decode(*plain, text, batch);
  return 0;
}
