// Event: one row of a batch. Its fields are a root object; [@metadata] is apart and never leaves.
// Valid until the batch is reset. Worker thread only.
#pragma once

#include <string_view>

#include "pipeline/base/arena.h"
#include "pipeline/event/field_ref.h"
#include "pipeline/event/value.h"

namespace penstock {

struct Origin;

// Why an event ended without an output; a ledger column each.
enum class DropReason : uint8_t {
  none,       // alive
  filter,     // a filter dropped it (drop, a cancelled event)
  unrouted,   // no output's condition took it
  oversized,  // larger than an output's limit, with no dead-letter queue to take it
};

class Event {
 public:
  Event() = default;
  Event(Arena& arena, const Origin* origin) : arena_(&arena), origin_(origin) {}

  // nullptr when absent. A field whose value is null is present.
  const Value* find(const FieldRef& field) const;
  Value* find(const FieldRef& field);

  // Adds or replaces, making missing parents (objects). False, and nothing changed, when a parent
  // is a scalar or an array index is out of bounds. `value`'s text must live as long as the batch.
  [[nodiscard]] bool set(const FieldRef& field, const Value& value);
  // Sets a field that is absent, when its parents allow it. `field` must outlive the batch.
  void supply(const FieldRef& field, const Value& value);
  // False when it wasn't there.
  bool erase(const FieldRef& field);

  // Copies text into the batch.
  Value string(std::string_view text) const { return Value::string(arena_->copy(text)); }

  // Adds to [tags] once. A string there becomes a list.
  void tag(std::string_view name);
  bool has_tag(std::string_view name) const;
  void untag(std::string_view name);

  // Makes a received document (an object) the event's fields: what Logstash does with a new event's
  // map. [@metadata] is taken out of it, illegal `tags` are moved to _tags with the tag
  // _tagsparsefailure, and the event is completed. False, and nothing is adopted, when @metadata
  // isn't an object.
  [[nodiscard]] bool adopt(const Value& document, Instant now);

  // Gives @timestamp and @version to an event that lacks them. A string @timestamp is parsed;
  // one that can't be is moved to _@timestamp and the event tagged _timestampparsefailure.
  void complete(Instant now);
  // @timestamp when it is one.
  const Value* timestamp() const;

  Value& root() { return root_; }
  const Value& root() const { return root_; }
  Value& metadata() { return metadata_; }
  const Value& metadata() const { return metadata_; }
  Arena& arena() const { return *arena_; }
  const Origin* origin() const {
    return origin_;
  }  // nullptr for events made by filters without a source

  DropReason dropped() const { return dropped_; }
  bool alive() const { return dropped_ == DropReason::none; }

 private:
  friend class Batch;
  void adopt_oddities(const Value* metadata, const Value* tags);
  void complete_timestamp(Value& stamp, Instant now);

  Value root_ = Value::object();
  Value metadata_ = Value::object();
  Arena* arena_ = nullptr;
  const Origin* origin_ = nullptr;
  DropReason dropped_ = DropReason::none;
  bool created_ = false;          // by a filter, not read by an input
  uint32_t parent_ = UINT32_MAX;  // the row it was made of; kNoRow: none
};

}  // namespace penstock
