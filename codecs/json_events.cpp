#include "codecs/json_events.h"

#include "pipeline/event/json_writer.h"

namespace penstock {
namespace {

const Name kMessage{"message"};
constexpr std::string_view kFailureTag = "_jsonparsefailure";
const FieldRef& original_field() {
  static const FieldRef kField = FieldRef::of("[event][original]");
  return kField;
}

bool all_objects(const Value& array) {
  for (const Value& item : array.elements())
    if (!item.is_object()) return false;
  return true;
}

}  // namespace

JsonDecoder::JsonDecoder(Charset charset, std::optional<FieldRef> target, bool keep_original,
                         const Context& context, size_t record_bytes_max)
    : charset_(std::move(charset)),
      target_(std::move(target)),
      keep_original_(keep_original),
      clock_(*context.clock),
      cut_(context, record_bytes_max) {
  if (context.metrics)
    context.metrics->counter("failures", "Records that weren't JSON objects.", {}, failures_);
}

void JsonDecoder::decode(std::string_view record, Batch& out) {
  const std::string_view text = charset_.to_utf8(record, out.arena());
  const uint32_t first = out.size();
  Value document;
  const JsonReader::Outcome outcome = reader_.read(text, out.arena(), document);
  if (outcome == JsonReader::Outcome::empty) return;  // a blank line is no event
  if (outcome != JsonReader::Outcome::ok || !accept(text, document, out)) fail(text, out);
  if (cut_.is_cut(record)) [[unlikely]]
    for (Row row = first; row < out.size(); ++row) cut_.mark(record, out[row]);
}

// False, and nothing was appended, when the document can't be events.
bool JsonDecoder::accept(std::string_view text, const Value& document, Batch& out) {
  const uint32_t first = out.size();
  if (document.is_object()) [[likely]] {
    append(text, document, out);
  } else if (document.is_array() && all_objects(document)) {
    for (const Value& item : document.elements()) append(text, item, out);
  } else {
    return false;
  }
  if (!keep_original_ || out.size() != first + 1) return true;
  Event& event = out[first];
  if (!event.find(original_field())) (void)event.set(original_field(), Value::string(text));
  return true;
}

void JsonDecoder::append(std::string_view text, const Value& document, Batch& out) {
  const Instant now = clock_.now(out);
  Event& event = out[out.append()];
  if (target_) {
    (void)event.set(*target_, document);
    event.complete(now);
  } else if (!event.adopt(document, now)) {
    describe_failure(text, now, event);
  }
}

void JsonDecoder::fail(std::string_view text, Batch& out) {
  const Instant now = clock_.now(out);
  describe_failure(text, now, out[out.append()]);
}

void JsonDecoder::describe_failure(std::string_view text, Instant now, Event& event) {
  const std::string_view message = charset_.well_formed(text, event.arena());
  object_set(event.arena(), event.root(), kMessage, Value::string(message));
  event.tag(kFailureTag);
  event.complete(now);
  failures_.add();
}

void JsonEncoder::encode(const Event& event, ByteBuffer& out) {
  write_json(event.root(), out);
  out.append(delimiter_);
}

Result<std::unique_ptr<Decoder>> make_json_decoder(const Settings& settings, const Context& context,
                                                   bool keep_original, size_t record_bytes_max) {
  TRY(Charset charset, Charset::open(settings));
  return std::unique_ptr<Decoder>(std::make_unique<JsonDecoder>(
      std::move(charset), target_of(settings), keep_original && context.ecs != Ecs::disabled,
      context, record_bytes_max));
}

}  // namespace penstock
