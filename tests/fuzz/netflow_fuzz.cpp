// Any bytes as packets of NetFlow and IPFIX, the first one says how long each is: through the
// templates that were learnt, and to a decoder directly.
#include "codecs/netflow/templates.h"
#include "tests/fuzz/codec_run.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  static const CodecPlugin plugin = netflow_codec();
  static const auto decoder = fuzz::make_decoder(plugin, "");
  if (size < 1) return 0;
  const size_t piece = 20 + data[0];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Batch batch;
  fuzz::decode(*decoder, text, batch);
  netflow::Templates templates(std::chrono::minutes(1), test::test_context());
  Records records;
  for (size_t at = 0; at < text.size(); at += piece) {
    const std::string_view part = text.substr(at, piece);
    const SlabRef slab = Slab::make_small(part.size());
    std::copy(part.begin(), part.end(), slab->data());
    templates.take({slab, {slab->data(), part.size()}}, "a",
                   std::chrono::steady_clock::time_point(std::chrono::seconds(at)), records);
  }
  for (const std::string_view record : records.views) fuzz::decode(*decoder, record, batch);
  return 0;
}
