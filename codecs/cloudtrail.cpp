#include "codecs/cloudtrail.h"

#include <arpa/inet.h>

#include "codecs/document_events.h"
#include "pipeline/event/json_reader.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {kCharsetOption};

const Name kRecords{"Records"};
const Name kEventTime{"eventTime"};
const Name kTimestamp{"@timestamp"};
const Name kRequest{"requestParameters"};
const Name kTermination{"disableApiTermination"};
const Name kValue{"value"};
const Name kSourceIp{"sourceIpAddress"};
const Name kSourceHost{"sourceHost"};

bool is_ip(std::string_view text) {
  char copy[64] = {};
  unsigned char address[16];
  if (text.size() >= sizeof copy) return false;
  text.copy(copy, text.size());
  return inet_pton(AF_INET, copy, address) == 1 || inet_pton(AF_INET6, copy, address) == 1;
}

void rename(Arena& arena, Value& object, const Name& from, const Name& to) {
  const Value* found = object_find(object, from);
  if (!found) return;
  const Value value = *found;
  object_erase(object, from);
  object_set(arena, object, to, value);
}

class CloudtrailDecoder : public Decoder {
 public:
  CloudtrailDecoder(Charset charset, const Context& context)
      : charset_(std::move(charset)), events_(std::nullopt, "_jsonparsefailure", context) {}

  void decode(std::string_view record, Batch& out) override {
    const Row first = out.size();
    const std::string_view text = charset_.to_utf8(record, out.arena());
    Value document;
    const auto outcome = reader_.read(text, out.arena(), document);
    if (outcome == JsonReader::Outcome::empty) return;
    if (outcome != JsonReader::Outcome::ok || !document.is_object())
      events_.fail(text, out);
    else if (const Value* records = object_find(document, kRecords); records && records->is_array())
      for (Value& item : records->elements()) add(item, out);
    events_.mark_cut(record, first, out);
  }

 private:
  void add(Value& record, Batch& out) {
    if (record.is_object()) {
      Arena& arena = out.arena();
      rename(arena, record, kEventTime, kTimestamp);
      if (Value* request = object_find(record, kRequest); request && request->is_object())
        wrap_termination(arena, *request);
      const Value* source = object_find(record, kSourceIp);
      if (source && source->is_string() && !is_ip(source->view()))
        rename(arena, record, kSourceIp, kSourceHost);
    }
    if (!events_.add(record, out)) events_.fail(record, out);
  }

  // It is an object in some records, and a plain value in others.
  static void wrap_termination(Arena& arena, Value& request) {
    Value* found = object_find(request, kTermination);
    if (!found || found->is_object()) return;
    Value wrapped = Value::object();
    object_set(arena, wrapped, kValue, *found);
    *found = wrapped;
  }

  Charset charset_;
  DocumentEvents events_;
  JsonReader reader_;
};

}  // namespace

CodecPlugin cloudtrail_codec() {
  return {{.name = "cloudtrail",
           .summary = "Files of AWS CloudTrail: an event for each of a document's Records.",
           .options = kOptions,
           .differs = "What isn't JSON becomes an event with the tag _jsonparsefailure; Logstash's "
                      "input fails on it."},
          nullptr,
          [](const Settings& settings, const Context& context) -> Result<std::unique_ptr<Decoder>> {
            TRY(Charset charset, Charset::open(settings));
            return std::unique_ptr<Decoder>(
                std::make_unique<CloudtrailDecoder>(std::move(charset), context));
          }};
}

}  // namespace penstock
