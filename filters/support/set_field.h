// Setting fields whose names come from events: what Ruby's event.set does with any name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/event/event.h"

namespace penstock {

// `name` is a top-level name or, with brackets, a field reference. False, and nothing changed,
// where Logstash raises an exception: a malformed reference, a parent that is a scalar, a
// @timestamp that is no timestamp, illegal tags, a @metadata that is no object. `name` and the
// value's text must outlive the batch.
[[nodiscard]] bool set_field(Event& event, std::string_view name, const Value& value);

[[nodiscard]] bool set_field(Event& event, const FieldRef& field, const Value& value);

// The same for each member of `object`, in order; stops at the first that fails.
// REQUIRES: the members' names differ.
[[nodiscard]] bool set_members(Event& event, const Value& object);

// What every filter does with an event that it can't take.
inline void tag_all(Event& event, const std::vector<std::string>& tags) {
  for (const std::string& tag : tags) event.tag(tag);
}

}  // namespace penstock
