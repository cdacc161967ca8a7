// What the JSON codecs share: a JSON document becomes an event, an array of objects several; text
// that is neither becomes `message` with the tag _jsonparsefailure.
#pragma once

#include <optional>

#include "codecs/document_events.h"
#include "codecs/event_clock.h"
#include "codecs/text_events.h"
#include "pipeline/event/json_reader.h"
#include "pipeline/plugin/charset.h"
#include "pipeline/plugin/codec.h"

namespace penstock {

class JsonDecoder : public Decoder {
 public:
  // `keep_original`: [event][original] holds the document, unless it brings one.
  JsonDecoder(Charset charset, std::optional<FieldRef> target, bool keep_original,
              const Context& context, size_t record_bytes_max = limits::kRecordBytesMax);

  void decode(std::string_view record, Batch& out) override;

 private:
  bool accept(std::string_view text, const Value& document, Batch& out);
  void append(std::string_view text, const Value& document, Batch& out);
  void fail(std::string_view text, Batch& out);
  void describe_failure(std::string_view text, Instant now, Event& event);

  JsonReader reader_;
  Charset charset_;
  std::optional<FieldRef> target_;
  bool keep_original_;
  EventClock clock_;
  CutRecords cut_;
  Counter failures_;
};

class JsonEncoder : public Encoder {
 public:
  explicit JsonEncoder(std::string_view delimiter) : delimiter_(delimiter) {}
  void encode(const Event& event, ByteBuffer& out) override;

 private:
  std::string delimiter_;
};

// Options "charset" and "target" required.
Result<std::unique_ptr<Decoder>> make_json_decoder(
    const Settings& settings, const Context& context, bool keep_original,
    size_t record_bytes_max = limits::kRecordBytesMax);

}  // namespace penstock
