// Any bytes as packets of collectd.
#include "tests/fuzz/codec_run.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  static const CodecPlugin plugin = collectd_codec();
  static const auto decoder = fuzz::make_decoder(plugin, "prune_intervals => false");
  Batch batch;
  fuzz::decode(*decoder, {reinterpret_cast<const char*>(data), size}, batch);
  return 0;
}
