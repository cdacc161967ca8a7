#include "pipeline/event/event.h"

#include "pipeline/base/limits.h"

namespace penstock {
namespace {

const Name kTimestamp{"@timestamp"};
const Name kBadTimestamp{"_@timestamp"};
const Name kVersion{"@version"};
const Name kTags{"tags"};
const Name kBadTags{"_tags"};
const Name kMetadata{"@metadata"};

[[gnu::always_inline]] inline bool is(const Member& member, const Name& name) {
  return member.hash == name.hash && member.name() == name.text;
}

bool is_legal_tags(const Value& tags) {
  if (tags.is_array()) {
    for (const Value& tag : tags.elements())
      if (!tag.is_string()) return false;
    return true;
  }
  return tags.is_string() || tags.is_null();
}

// The child that `segment` names; nullptr when there is none.
Value* child(const Value& parent, const FieldRef::Segment& segment) {
  if (parent.is_object()) return object_find(parent, segment.name());
  if (!parent.is_array() || !segment.is_index) return nullptr;
  const int64_t index = segment.index < 0 ? int64_t{parent.size} + segment.index : segment.index;
  if (index < 0 || index >= int64_t{parent.size}) return nullptr;
  return parent.items + index;
}

// The child, made when it is missing; nullptr when the parent can't have it.
Value* make_child(Arena& arena, Value& parent, const FieldRef::Segment& segment) {
  if (Value* found = child(parent, segment)) return found;
  if (parent.is_object()) {
    // Copied: the reference may be shorter-lived than the batch.
    return &object_append(arena, parent, {arena.copy(segment.text), segment.hash}, Value::null());
  }
  if (!parent.is_array() || !segment.is_index || segment.index < 0) return nullptr;
  if (static_cast<uint32_t>(segment.index) > limits::kArrayIndexMax) return nullptr;
  while (parent.size <= static_cast<uint32_t>(segment.index))
    array_append(arena, parent, Value::null());
  return parent.items + segment.index;
}

Value* walk(const Value& root, const FieldRef& field) {
  const Value* at = &root;
  for (const auto& segment : field.segments()) {
    at = child(*at, segment);
    if (!at) return nullptr;
  }
  return const_cast<Value*>(at);
}

// Whether set() can succeed, so that a refused one changes nothing.
bool can_set(const Value& root, const FieldRef& field) {
  const Value* at = &root;
  const auto& segments = field.segments();
  for (size_t i = 0; i < segments.size(); ++i) {
    if (at->is_array()) {
      if (!segments[i].is_index) return false;
      if (!child(*at, segments[i]))
        return segments[i].index >= 0 &&
               static_cast<uint32_t>(segments[i].index) <= limits::kArrayIndexMax;
    } else if (!at->is_object()) {
      return false;
    }
    at = child(*at, segments[i]);
    if (!at || at->is_null()) return true;
  }
  return true;
}

}  // namespace

const Value* Event::find(const FieldRef& field) const {
  return walk(field.is_metadata() ? metadata_ : root_, field);
}

Value* Event::find(const FieldRef& field) {
  return walk(field.is_metadata() ? metadata_ : root_, field);
}

bool Event::set(const FieldRef& field, const Value& value) {
  Value& root = field.is_metadata() ? metadata_ : root_;
  const auto& segments = field.segments();
  if (segments.size() == 1) [[likely]] {
    Value* slot = make_child(*arena_, root, segments[0]);
    *slot = value;
    return true;
  }
  if (segments.empty() && !value.is_object()) return false;
  if (!can_set(root, field)) return false;
  Value* at = &root;
  for (size_t i = 0; i < segments.size(); ++i) {
    if (i > 0 && at->is_null()) *at = Value::object();
    at = make_child(*arena_, *at, segments[i]);
    CHECK(at != nullptr, "can_set() promised this place");
  }
  *at = value;
  return true;
}

void Event::supply(const FieldRef& field, const Value& value) {
  const auto& segments = field.segments();
  if (segments.size() == 1 && !field.is_metadata()) [[likely]] {
    const Name name = segments[0].name();
    if (!object_find(root_, name)) object_append(*arena_, root_, name, value);
  } else if (!find(field)) {
    (void)set(field, value);
  }
}

bool Event::erase(const FieldRef& field) {
  Value& root = field.is_metadata() ? metadata_ : root_;
  const auto& segments = field.segments();
  if (segments.empty()) {
    root = Value::object();
    return true;
  }
  Value* parent = &root;
  for (size_t i = 0; i + 1 < segments.size(); ++i) {
    parent = child(*parent, segments[i]);
    if (!parent) return false;
  }
  if (parent->is_object()) return object_erase(*parent, segments.back().name());
  Value* item = child(*parent, segments.back());
  return item && array_erase(*parent, static_cast<uint32_t>(item - parent->items));
}

void Event::tag(std::string_view name) {
  if (has_tag(name)) return;
  Value* tags = object_find(root_, kTags);
  if (!tags || tags->is_null()) tags = &object_set(*arena_, root_, kTags, Value::array());
  if (!tags->is_array()) {
    const Value first = *tags;
    *tags = Value::array();
    array_append(*arena_, *tags, first);
  }
  array_append(*arena_, *tags, string(name));
}

bool Event::has_tag(std::string_view name) const {
  const Value* tags = object_find(root_, kTags);
  if (!tags) return false;
  if (tags->is_string()) return tags->view() == name;
  if (!tags->is_array()) return false;
  for (const Value& tag : tags->elements())
    if (tag.is_string() && tag.view() == name) return true;
  return false;
}

void Event::untag(std::string_view name) {
  Value* tags = object_find(root_, kTags);
  if (tags && tags->is_string()) {
    // As Logstash: one tag becomes a list, whether or not it goes.
    const Value only = *tags;
    *tags = Value::array();
    array_append(*arena_, *tags, only);
  }
  if (!tags || !tags->is_array()) return;
  for (uint32_t i = tags->size; i-- > 0;)
    if (tags->items[i].is_string() && tags->items[i].view() == name) array_erase(*tags, i);
}

bool Event::adopt(const Value& document, Instant now) {
  // One walk over the members instead of four searches: this runs for each event.
  Value *metadata = nullptr, *stamp = nullptr, *tags = nullptr;
  bool version = false;
  for (Member& member : document.entries()) {
    // All four begin with one of these letters.
    if (member.name_size == 0 || (*member.name_text != '@' && *member.name_text != 't')) continue;
    if (is(member, kTimestamp))
      stamp = &member.value;
    else if (is(member, kVersion))
      version = true;
    else if (is(member, kTags))
      tags = &member.value;
    else if (is(member, kMetadata))
      metadata = &member.value;
  }
  if (metadata && !metadata->is_object()) return false;
  root_ = document;
  if ((metadata || (tags && !is_legal_tags(*tags)))) [[unlikely]] {
    adopt_oddities(metadata, tags);
    complete(now);
    return true;
  }
  if (stamp)
    complete_timestamp(*stamp, now);
  else
    object_append(*arena_, root_, kTimestamp, Value::timestamp(now));
  if (!version) object_append(*arena_, root_, kVersion, Value::string("1", Value::kClean));
  return true;
}

// Both may be null; they point into root_, which is changed here.
void Event::adopt_oddities(const Value* metadata, const Value* tags) {
  const bool bad_tags = tags && !is_legal_tags(*tags);
  const Value received_tags = bad_tags ? *tags : Value::null();
  if (metadata) metadata_ = *metadata;
  object_erase(root_, kMetadata);
  if (!bad_tags) return;
  object_erase(root_, kTags);
  object_set(*arena_, root_, kBadTags, received_tags);
  tag("_tagsparsefailure");
}

void Event::complete(Instant now) {
  if (Value* stamp = object_find(root_, kTimestamp))
    complete_timestamp(*stamp, now);
  else
    object_set(*arena_, root_, kTimestamp, Value::timestamp(now));
  if (!object_find(root_, kVersion))
    object_set(*arena_, root_, kVersion, Value::string("1", Value::kClean));
}

// `stamp` is the field @timestamp; it may move.
void Event::complete_timestamp(Value& stamp, Instant now) {
  if (stamp.kind == Kind::timestamp) return;
  const Value received = stamp;
  const auto parsed = received.is_string() ? parse_instant(received.view()) : std::nullopt;
  stamp = Value::timestamp(parsed.value_or(now));
  if (parsed || received.is_null()) return;
  object_set(*arena_, root_, kBadTimestamp, received);
  tag("_timestampparsefailure");
}

const Value* Event::timestamp() const {
  const Value* stamp = object_find(root_, kTimestamp);
  return stamp && stamp->kind == Kind::timestamp ? stamp : nullptr;
}

}  // namespace penstock
