#include "codecs/es_bulk.h"

#include "codecs/document_events.h"
#include "codecs/es_bulk/bulk_framer.h"
#include "pipeline/base/text.h"
#include "pipeline/event/json_reader.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {kTargetOption};
const Name kAction{"action"};

class EsBulkDecoder : public Decoder {
 public:
  EsBulkDecoder(std::optional<FieldRef> target, const Context& context)
      : events_(std::move(target), "_jsonparsefailure", context),
        metadata_field_(FieldRef::of(
            context.ecs == Ecs::disabled ? "[@metadata]" : "[@metadata][codec][es_bulk]")) {}

  // A record may be a whole request: several actions.
  void decode(std::string_view record, Batch& out) override {
    const Row first = out.size();
    std::string_view rest = record;
    while (!rest.empty()) {
      const std::string_view action = take_line(rest);
      if (trim(action).empty()) continue;
      const bool document_follows = wants_document(action);
      const std::string_view document = document_follows ? take_line(rest) : std::string_view();
      if (!add(action, document_follows ? &document : nullptr, out))
        events_.fail(document_follows ? document : action, out);
    }
    events_.mark_cut(record, first, out);
  }

 private:
  static std::string_view take_line(std::string_view& rest) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    return line;
  }

  // False, and nothing is added, when one of the two isn't what it should be.
  bool add(std::string_view action, const std::string_view* text, Batch& out) {
    Arena& arena = out.arena();
    Value described, document = Value::object();
    if (!read(action, arena, described) || described.size == 0) return false;
    Member& named = described.members[0];
    if (!named.value.is_object()) return false;
    if (text && !read(*text, arena, document)) return false;
    Value metadata = named.value;
    object_set(arena, metadata, kAction, Value::string(named.name()));
    Event* event = text ? events_.add(document, out) : &events_.begin(out);
    if (!event) return false;
    if (!text) events_.finish(*event);
    return event->set(metadata_field_, metadata);
  }

  bool read(std::string_view text, Arena& arena, Value& out) {
    return reader_.read(text, arena, out) == JsonReader::Outcome::ok && out.is_object();
  }

  DocumentEvents events_;
  FieldRef metadata_field_;
  JsonReader reader_;
};

}  // namespace

CodecPlugin es_bulk_codec() {
  return {{.name = "es_bulk",
           .summary = "Bodies of Elasticsearch's bulk API: action lines and documents.",
           .options = kOptions,
           .differs = "A line that isn't JSON becomes an event with the tag _jsonparsefailure; "
                      "Logstash logs and drops it."},
          [](const Settings&, const Context&) -> Result<std::unique_ptr<Framer>> {
            return std::unique_ptr<Framer>(std::make_unique<BulkFramer>());
          },
          [](const Settings& settings, const Context& context) -> Result<std::unique_ptr<Decoder>> {
            return std::unique_ptr<Decoder>(
                std::make_unique<EsBulkDecoder>(target_of(settings), context));
          }};
}

}  // namespace penstock
