// Any bytes as GELF: the first one says how long each datagram is; what the chunks make is decoded.
#include "codecs/gelf/chunks.h"
#include "tests/fuzz/codec_run.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  static const CodecPlugin plugin = gelf_codec();
  static const auto decoder = fuzz::make_decoder(plugin, "");
  if (size < 1) return 0;
  const size_t piece = 1 + data[0] % 64;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Batch batch;
  fuzz::decode(*decoder, text, batch);
  gelf::Chunks chunks(test::test_context());
  Records records;
  for (size_t at = 0; at < text.size(); at += piece) {
    const std::string_view part = text.substr(at, piece);
    const SlabRef slab = Slab::make_small(part.size());
    std::copy(part.begin(), part.end(), slab->data());
    chunks.take({slab, {slab->data(), part.size()}}, "a",
                std::chrono::steady_clock::time_point(std::chrono::seconds(at)), records);
  }
  for (const std::string_view record : records.views) fuzz::decode(*decoder, record, batch);
  return 0;
}
