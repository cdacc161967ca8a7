// https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1
//
// A message is [tag, time, record], [tag, [[time, record] ...]] or [tag, packed entries], each with
// an optional map of options at its end.
#include "codecs/fluent.h"

#include "codecs/document_events.h"
#include "codecs/inflater.h"
#include "codecs/msgpack/framer.h"
#include "codecs/msgpack/reader.h"
#include "codecs/msgpack/writer.h"

namespace penstock {
namespace {

constexpr std::string_view kFailureTag = "_fluentparsefailure";
constexpr size_t kUnpackedBytesMax = size_t{16} << 20;  // of entries packed with gzip
constexpr size_t kEntriesMax = 100'000;                 // of a packed message

constexpr Option kOptions[] = {
    {.name = "nanosecond_precision",
     .type = OptionType::boolean,
     .fallback = "false",
     .doc = "Whether encoded times have nanoseconds (Fluentd's EventTime) and not just seconds.",
     .differs = "Decoding takes both kinds of time whatever the option says; Logstash fails on "
                "EventTime without it."},
    kTargetOption,
};

const Name kTimestamp{"@timestamp"};
const Name kTags{"tags"};
const Name kCompressed{"compressed"};

class FluentDecoder : public Decoder {
 public:
  FluentDecoder(std::optional<FieldRef> target, const Context& context)
      : events_(std::move(target), kFailureTag, context) {}

  void decode(std::string_view record, Batch& out) override {
    const Row first = out.size();
    Value message;
    std::string_view rest = record;
    if (!decode_packed(record, out)) {
      if (messages_.read(rest, out.arena(), message) != msgpack::Outcome::ok || !rest.empty())
        events_.fail(record, out);
      else if (!add_all(message, out))
        events_.fail(message, out);
    }
    events_.mark_cut(record, first, out);
  }

 private:
  // False: not (or no more) what the protocol says. Entries before the fault are added.
  bool add_all(const Value& message, Batch& out) {
    if (!message.is_array() || message.size < 2) return false;
    const Value& tag = message.items[0];
    const Value& second = message.items[1];
    if (second.is_array()) {
      for (const Value& entry : second.elements())
        if (!add_entry(entry, tag, out)) return false;
      return true;
    }
    return message.size > 2 && add(message.items[2], second, tag, out);
  }

  // False: the message isn't of packed entries, which are bytes and no text.
  bool decode_packed(std::string_view record, Batch& out) {
    std::string_view rest = record, entries;
    uint32_t size = 0;
    Value tag, options;
    if (!msgpack::Reader::take_array(rest, size) || size < 2) return false;
    if (messages_.read(rest, out.arena(), tag) != msgpack::Outcome::ok) return false;
    if (!msgpack::Reader::take_bytes(rest, entries)) return false;
    const bool good = size == 2 || (size == 3 && messages_.read(rest, out.arena(), options) ==
                                                     msgpack::Outcome::ok);
    if (!good || !rest.empty() || !add_packed(entries, options, tag, out))
      events_.fail(record, out);
    return true;
  }

  bool add_packed(std::string_view entries, const Value& options, const Value& tag, Batch& out) {
    const Value* packing = options.is_object() ? object_find(options, kCompressed) : nullptr;
    if (packing && packing->is_string() && packing->view() == "gzip") {
      const auto unpacked = inflater_.unpack(entries, kUnpackedBytesMax, out.arena());
      if (!unpacked) return false;
      entries = *unpacked;
    }
    for (size_t count = 0; !entries.empty(); ++count) {
      Value entry;
      if (count == kEntriesMax) return false;
      if (entries_.read(entries, out.arena(), entry) != msgpack::Outcome::ok) return false;
      if (!add_entry(entry, tag, out)) return false;
    }
    return true;
  }

  bool add_entry(const Value& entry, const Value& tag, Batch& out) {
    return entry.is_array() && entry.size >= 2 && add(entry.items[1], entry.items[0], tag, out);
  }

  bool add(const Value& fields, const Value& time, const Value& tag, Batch& out) {
    const auto instant = instant_of(time);
    Event* event = instant && fields.is_object() ? events_.add(fields, out) : nullptr;
    if (!event) return false;
    object_set(event->arena(), event->root(), kTimestamp, Value::timestamp(*instant));
    if (tag.is_string()) event->tag(tag.view());
    return true;
  }

  static std::optional<Instant> instant_of(const Value& time) {
    if (time.kind == Kind::timestamp) return time.instant();
    if (time.kind == Kind::integer) return Instant{time.integer, 0};
    return std::nullopt;
  }

  DocumentEvents events_;
  msgpack::Reader messages_{true}, entries_{true};
  Inflater inflater_;
};

class FluentEncoder : public Encoder {
 public:
  explicit FluentEncoder(bool nanoseconds) : nanoseconds_(nanoseconds) {}

  void encode(const Event& event, ByteBuffer& out) override {
    msgpack::write_array_head(3, out);
    msgpack::write_text(tag_of(event), out);
    const Value* stamp = event.timestamp();
    const Instant time = stamp ? stamp->instant() : Instant{};
    if (nanoseconds_)
      msgpack::write_event_time(time, out);
    else
      msgpack::write_integer(time.seconds, out);
    msgpack::write(event.root(), out);
  }

 private:
  // The event's tags joined by a point.
  std::string_view tag_of(const Event& event) {
    const Value* tags = object_find(event.root(), kTags);
    if (!tags || tags->is_null()) return "log";
    tag_.clear();
    if (!tags->is_array()) {
      append_text(*tags, tag_);
      return tag_;
    }
    for (uint32_t i = 0; i < tags->size; ++i) {
      if (i) tag_ += '.';
      append_text(tags->items[i], tag_);
    }
    return tag_;
  }

  bool nanoseconds_;
  std::string tag_;
};

}  // namespace

CodecPlugin fluent_codec() {
  return {{.name = "fluent",
           .summary = "Messages of Fluentd's forward protocol (MessagePack).",
           .options = kOptions,
           .differs = "Entries packed with gzip are unpacked, which Logstash refuses."},
          [](const Settings&, const Context&) -> Result<std::unique_ptr<Framer>> {
            return std::unique_ptr<Framer>(std::make_unique<msgpack::Framer>());
          },
          [](const Settings& settings, const Context& context) -> Result<std::unique_ptr<Decoder>> {
            return std::unique_ptr<Decoder>(
                std::make_unique<FluentDecoder>(target_of(settings), context));
          },
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Encoder>> {
            return std::unique_ptr<Encoder>(
                std::make_unique<FluentEncoder>(settings.boolean("nanosecond_precision")));
          }};
}

}  // namespace penstock
