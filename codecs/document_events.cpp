#include "codecs/document_events.h"

#include "pipeline/plugin/line_framer.h"

namespace penstock {
namespace {

const Name kMessage{"message"};
const Name kMetadata{"@metadata"};

bool can_be_event(const Value& document) {
  if (!document.is_object()) return false;
  const Value* metadata = object_find(document, kMetadata);
  return !metadata || metadata->is_object();
}

}  // namespace

DocumentEvents::DocumentEvents(std::optional<FieldRef> target, std::string_view failure_tag,
                               const Context& context)
    : target_(std::move(target)), failure_tag_(failure_tag), clock_(*context.clock), cut_(context) {
  if (context.metrics)
    context.metrics->counter("failures", "Records that could not be decoded.", {}, failures_);
}

Event& DocumentEvents::begin(Batch& out) {
  now_ = clock_.now(out);
  return out[out.append()];
}

Event* DocumentEvents::add(const Value& document, Batch& out) {
  if (!target_ && !can_be_event(document)) return nullptr;
  Event& event = begin(out);
  if (target_) {
    (void)event.set(*target_, document);
    finish(event);
  } else {
    CHECK(event.adopt(document, now_), "can_be_event() promised it");
  }
  return &event;
}

Event& DocumentEvents::fail(std::string_view text, Batch& out) {
  return fail(Value::string(Charset::well_formed(text, out.arena())), out);
}

Event& DocumentEvents::fail(const Value& message, Batch& out) {
  Event& event = begin(out);
  turn_into_failure(event, message);
  return event;
}

void DocumentEvents::turn_into_failure(Event& event, const Value& message) {
  event.root() = Value::object();
  event.metadata() = Value::object();
  object_set(event.arena(), event.root(), kMessage, message);
  if (!failure_tag_.empty()) event.tag(failure_tag_);
  finish(event);
  failures_.add();
}

void DocumentEvents::mark_cut(std::string_view record, Row first, Batch& out) {
  if (!is_cut_record(record)) [[likely]]
    return;
  for (Row row = first; row < out.size(); ++row) cut_.mark(record, out[row]);
}

std::optional<FieldRef> target_of(const Settings& settings) {
  if (!settings.has("target")) return std::nullopt;
  return settings.field("target");
}

}  // namespace penstock
