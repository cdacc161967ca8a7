// Any bytes as MessagePack: read without a crash, framed alike however they are split, and what was
// read is written and read again the same.
#include "codecs/msgpack/reader.h"
#include "codecs/msgpack/writer.h"
#include "tests/fuzz/codec_run.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  static const CodecPlugin plugin = msgpack_codec();
  static const auto decoder = fuzz::make_decoder(plugin, "");
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  fuzz::frame(plugin, "", text, 1 + data[0] % 7, *decoder);
  Batch batch;
  fuzz::decode(*decoder, text, batch);
  msgpack::Reader reader;
  Arena arena;
  Value value, again;
  std::string_view rest = text;
  if (reader.read(rest, arena, value) != msgpack::Outcome::ok) return 0;
  ByteBuffer bytes;
  msgpack::write(value, bytes);
  rest = bytes.view();
  CHECK(reader.read(rest, arena, again) == msgpack::Outcome::ok, "what was read can be written");
  CHECK(rest.empty(), "as one value");
  ByteBuffer json, json_again;
  write_json(value, json);
  write_json(again, json_again);
  CHECK(json.view() == json_again.view(), "and is the same");
  return 0;
}
