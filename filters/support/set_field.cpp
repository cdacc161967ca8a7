#include "filters/support/set_field.h"

namespace penstock {
namespace {

const Name kTimestamp{"@timestamp"};
const Name kMetadata{"@metadata"};
const Name kTags{"tags"};

// Names are short: a plain loop beats the library's searches.
bool has_bracket(std::string_view name) {
  bool found = false;
  for (const char c : name) found |= c == '[' || c == ']';
  return found;
}

bool is_legal_tags(const Value& tags) {
  if (!tags.is_array()) return tags.is_string() || tags.is_null();
  for (const Value& tag : tags.elements())
    if (!tag.is_string()) return false;
  return true;
}

bool is(const Name& name, const Name& known) {
  return name.hash == known.hash && name.text == known.text;
}

// Whether event.set takes this value for this top-level field.
bool is_legal(const Name& name, const Value& value) {
  if (is(name, kTimestamp)) return value.kind == Kind::timestamp;
  return !is(name, kTags) || is_legal_tags(value);
}

bool set_reference(Event& event, std::string_view text, const Value& value) {
  const auto field = FieldRef::parse(text);
  return field.ok() && set_field(event, field.value(), value);
}

// `fields`: how many of the event's fields `name` may be among.
bool set_plain(Event& event, uint32_t fields, const Name& name, const Value& value) {
  if (!is_legal(name, value)) return false;
  if (is(name, kMetadata)) {
    if (!value.is_object()) return false;
    event.metadata() = value;
    return true;
  }
  Value& root = event.root();
  for (uint32_t i = 0; i < fields; ++i) {
    Member& member = root.members[i];
    if (member.hash == name.hash && member.name() == name.text) {
      member.value = value;
      return true;
    }
  }
  object_append(event.arena(), root, name, value);
  return true;
}

}  // namespace

bool set_field(Event& event, const FieldRef& field, const Value& value) {
  const auto& segments = field.segments();
  if (!field.is_metadata()) {
    if (segments.size() == 1 && !is_legal(segments[0].name(), value)) return false;
    if (segments.size() > 1 && is(segments[0].name(), kTags)) return false;
  }
  return event.set(field, value);
}

bool set_field(Event& event, std::string_view name, const Value& value) {
  if (has_bracket(name)) return set_reference(event, name, value);
  return set_plain(event, event.root().size, Name(name), value);
}

bool set_members(Event& event, const Value& object) {
  const uint32_t fields = event.root().size;
  bool unique = true;  // names not yet met in the event differ from each other
  object_reserve(event.arena(), event.root(), fields + object.size);
  for (const Member& member : object.entries()) {
    const Name name{member.name(), member.hash};
    if (has_bracket(name.text)) {
      if (!set_reference(event, name.text, member.value)) return false;
      unique = false;
    } else if (!set_plain(event, unique ? fields : event.root().size, name, member.value)) {
      return false;
    }
  }
  return true;
}

}  // namespace penstock
