// What the codecs that read documents (csv, msgpack, edn, ...) share: a document becomes an event,
// or lies in the field that the option `target` names; what can't be read becomes `message`.
#pragma once

#include <optional>

#include "codecs/event_clock.h"
#include "codecs/text_events.h"
#include "pipeline/plugin/codec.h"

namespace penstock {

inline constexpr Option kTargetOption = {
    "target", OptionType::field, "",
    "Field that receives the document. Unset: its members become the event's fields."};

// One per decoder.
class DocumentEvents {
 public:
  // `failure_tag` outlives it; "" for none.
  DocumentEvents(std::optional<FieldRef> target, std::string_view failure_tag,
                 const Context& context);

  // Valid until the next one is added. nullptr, and nothing is added, when the document can't be an
  // event: it isn't an object, or its @metadata isn't one.
  Event* add(const Value& document, Batch& out);

  // An event without fields, to be filled and then finished or turned into a failure.
  Event& begin(Batch& out);
  void finish(Event& event) { event.complete(now_); }
  void turn_into_failure(Event& event, const Value& message);
  // When the newest event began.
  Instant now() const { return now_; }

  // An event with `text` as its message, tagged; counted as a failure.
  Event& fail(std::string_view text, Batch& out);

  // The same with a message that isn't text.
  Event& fail(const Value& message, Batch& out);

  // Tags the events from `first` on when `record` was cut at the limit of records.
  void mark_cut(std::string_view record, Row first, Batch& out);

 private:
  std::optional<FieldRef> target_;
  std::string_view failure_tag_;
  EventClock clock_;
  Instant now_{};
  CutRecords cut_;
  Counter failures_;
};

// Of the option "target", which must be declared.
std::optional<FieldRef> target_of(const Settings& settings);

}  // namespace penstock
