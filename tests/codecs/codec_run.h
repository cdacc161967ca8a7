// One codec made from configuration text: what it decodes, encodes and cuts.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "codecs/codecs.h"
#include "pipeline/base/text.h"
#include "tests/support/exact_record.h"
#include "tests/support/plugins.h"

namespace penstock::test {

inline const CodecPlugin& codec(std::string_view name) {
  for (const CodecPlugin& plugin : all_codecs())
    if (plugin.info.name == name) return plugin;
  std::abort();
}

inline Context context_of(Ecs ecs) {
  Context context = test_context();
  context.ecs = ecs;
  return context;
}

// A decoder with its batch: several records one after the other.
class DecoderRun {
 public:
  DecoderRun(std::string_view name, std::string_view options, Ecs ecs = Ecs::disabled) {
    const CodecPlugin& plugin = codec(name);
    auto made =
        plugin.make_decoder(settings_of(PluginKind::codec, plugin.info, options), context_of(ecs));
    if (made.ok())
      decoder_ = std::move(made).value();
    else
      error_ = made.error().text();
  }

  // The events of one record, a line each, without @timestamp and @version unless asked for.
  std::string operator()(std::string_view record, bool metadata = false, bool times = false) {
    if (!decoder_) return error_;
    batch_.reset();
    ExactRecord exact(record);
    decoder_->decode(exact.view(), batch_);
    exact.allow_padding();
    std::string out;
    for (Row row = 0; row < batch_.size(); ++row) {
      EXPECT_NE(batch_[row].timestamp(), nullptr);
      if (!times) batch_[row].erase(FieldRef::of("@timestamp"));
      batch_[row].erase(FieldRef::of("@version"));
      if (row) out += "\n";
      out += to_json(batch_[row], metadata);
    }
    EXPECT_TRUE(is_utf8(out));
    return out;
  }

 private:
  std::unique_ptr<Decoder> decoder_;
  std::string error_;
  Batch batch_;
};

inline std::string decoded(std::string_view name, std::string_view options, std::string_view record,
                           Ecs ecs = Ecs::disabled, bool metadata = false, bool times = false) {
  return DecoderRun(name, options, ecs)(record, metadata, times);
}

inline std::string encoded(std::string_view name, std::string_view options, std::string_view event,
                           Ecs ecs = Ecs::disabled) {
  const CodecPlugin& plugin = codec(name);
  auto made =
      plugin.make_encoder(settings_of(PluginKind::codec, plugin.info, options), context_of(ecs));
  if (!made.ok()) return made.error().text();
  Batch batch;
  const Row row = add_event(batch, event);
  ByteBuffer out;
  made.value()->encode(batch[row], out);
  return std::string(out.view());
}

inline Bytes bytes_of(std::string_view text) {
  const SlabRef slab = Slab::make_small(text.size());
  std::copy(text.begin(), text.end(), slab->data());
  return {slab, {slab->data(), text.size()}};
}

// The records of a stream that arrives in pieces of `piece` bytes.
inline std::vector<std::string> framed(Framer& framer, std::string_view stream, size_t piece) {
  Records records;
  for (size_t at = 0; at < stream.size(); at += piece)
    framer.feed(bytes_of(stream.substr(at, piece)), records);
  framer.finish(records);
  EXPECT_EQ(framer.pending_bytes(), 0U);
  return {records.views.begin(), records.views.end()};
}

inline std::unique_ptr<Framer> framer_of(std::string_view name, std::string_view options = "") {
  const CodecPlugin& plugin = codec(name);
  auto made = plugin.make_framer(settings_of(PluginKind::codec, plugin.info, options),
                                 context_of(Ecs::disabled));
  return std::move(made).value();
}

// The same whatever the pieces are.
inline std::vector<std::string> framed_anyhow(std::string_view name, std::string_view options,
                                              std::string_view stream) {
  const auto whole = framed(*framer_of(name, options), stream, stream.size());
  for (size_t piece = 1; piece < stream.size(); ++piece)
    EXPECT_EQ(framed(*framer_of(name, options), stream, piece), whole) << piece;
  return whole;
}

// What is wrong with a decoder's options, or "".
inline std::string make_error(std::string_view name, std::string_view options) {
  const CodecPlugin& plugin = codec(name);
  auto made = plugin.make_decoder(settings_of(PluginKind::codec, plugin.info, options),
                                  context_of(Ecs::disabled));
  return made.ok() ? "" : made.error().message;
}

}  // namespace penstock::test
