// Any bytes as lines of Carbon, and CloudTrail's documents.
#include "tests/fuzz/codec_run.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  static const auto lines = fuzz::make_decoder(graphite_codec(), "");
  static const auto records = fuzz::make_decoder(cloudtrail_codec(), "");
  Batch batch;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  fuzz::decode(*lines, text, batch);
  fuzz::decode(*records, text, batch);
  return 0;
}
