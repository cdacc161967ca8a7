// What the fuzz targets of codecs share: any bytes decode to complete events of well-formed text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "codecs/codecs.h"
#include "pipeline/base/text.h"
#include "pipeline/event/json_writer.h"
#include "tests/support/exact_record.h"
#include "tests/support/plugins.h"

namespace penstock::fuzz {

inline std::unique_ptr<Decoder> make_decoder(const CodecPlugin& plugin, std::string_view options,
                                             Ecs ecs = Ecs::disabled) {
  Context context = test::test_context();
  context.ecs = ecs;
  auto made =
      plugin.make_decoder(test::settings_of(PluginKind::codec, plugin.info, options), context);
  CHECK(made.ok(), "the options are good");
  return std::move(made).value();
}

inline void check_event(const Event& event) {
  CHECK(event.timestamp() != nullptr, "an event has a time");
  ByteBuffer json;
  write_json(event.root(), json);
  write_json(event.metadata(), json);
  CHECK(is_utf8(json.view()), "an event is well-formed UTF-8");
}

inline void decode(Decoder& decoder, std::string_view record, Batch& batch) {
  test::ExactRecord exact(record);
  decoder.decode(exact.view(), batch);
  exact.allow_padding();
  for (Row row = 0; row < batch.size(); ++row) check_event(batch[row]);
  batch.reset();
}

// Any split of the stream gives the same records; each is decoded.
inline void frame(const CodecPlugin& plugin, std::string_view options, std::string_view stream,
                  size_t piece, Decoder& decoder) {
  const Settings settings = test::settings_of(PluginKind::codec, plugin.info, options);
  const auto feed = [&](size_t size) {
    auto framer = plugin.make_framer(settings, test::test_context());
    Records records;
    for (size_t at = 0; at < stream.size(); at += size) {
      const std::string_view part = stream.substr(at, size);
      const SlabRef slab = Slab::make_small(part.size());
      std::copy(part.begin(), part.end(), slab->data());
      framer.value()->feed({slab, {slab->data(), part.size()}}, records);
    }
    framer.value()->finish(records);
    CHECK(framer.value()->pending_bytes() == 0, "nothing is left after the end");
    return records;
  };
  const Records whole = feed(std::max<size_t>(stream.size(), 1)), split = feed(piece);
  CHECK(whole.views == split.views, "any split gives the same records");
  Batch batch;
  for (const std::string_view record : whole.views) decode(decoder, record, batch);
}

}  // namespace penstock::fuzz
