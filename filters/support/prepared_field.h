// A field that a filter sets again and again: its name is split and hashed once, and a plain
// top-level name is set with a single search. Must lie still and outlive the batches, whose events
// view its text: hold it by pointer or in a container that doesn't move it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pipeline/event/event.h"

namespace penstock {

class PreparedField {
 public:
  // Any text: with a malformed reference set() always fails, as Logstash does for each event.
  explicit PreparedField(std::string text);
  PreparedField(const PreparedField&) = delete;
  PreparedField& operator=(const PreparedField&) = delete;

  const std::string& text() const { return text_; }
  bool is_valid() const { return field_.has_value(); }
  const FieldRef& reference() const { return *field_; }  // REQUIRES: is_valid()

  // False, and nothing changed, where Logstash raises an exception (see set_field.h).
  [[nodiscard]] bool set(Event& event, const Value& value) const {
    if (!plain_) return set_slowly(event, value);
    object_set(event.arena(), event.root(), name_, value);
    return true;
  }

 private:
  bool set_slowly(Event& event, const Value& value) const;

  std::string text_;
  Name name_;
  std::optional<FieldRef> field_;
  bool plain_;
};

}  // namespace penstock
