// LogStash::Event. Values handed out are copies and values taken are copied, as in Logstash, so a
// change to an array that get() gave is no change to the event.
#include <new>

#include "filters/ruby/state.h"
#include "pipeline/base/text.h"
#include "pipeline/event/json_reader.h"
#include "pipeline/event/json_writer.h"

namespace penstock::ruby {
namespace {

const FieldRef kTimestampField = FieldRef::of("@timestamp");

const FieldRef* parsed_field(mrb_state* mrb, std::string_view text) {
  Native native(mrb);
  auto& fields = state_of(mrb).fields;
  auto found = fields.find(text);
  if (found == fields.end()) {
    if (fields.size() >= kParsedTextsMax) fields.clear();
    auto parsed = FieldRef::parse(text);
    std::optional<FieldRef> field;
    if (parsed.ok() && is_utf8(text)) field = std::move(parsed).value();
    found = fields.emplace(text, std::move(field)).first;
  }
  return found->second ? &*found->second : nullptr;
}

// The method's first argument as a field; raises when it isn't one.
const FieldRef& field_argument(mrb_state* mrb, mrb_value name) {
  const FieldRef* const field = parsed_field(mrb, view(name));
  if (!field) mrb_raisef(mrb, E_RUNTIME_ERROR, "invalid field reference: %v", name);
  return *field;
}

mrb_value event_get(mrb_state* mrb, mrb_value self) {
  mrb_value name;
  mrb_get_args(mrb, "S", &name);
  const FieldRef& field = field_argument(mrb, name);
  const Value* const value = event_of(mrb, self).find(field);
  return value ? from_event(mrb, *value) : mrb_nil_value();
}

mrb_value event_include(mrb_state* mrb, mrb_value self) {
  mrb_value name;
  mrb_get_args(mrb, "S", &name);
  const FieldRef& field = field_argument(mrb, name);
  return mrb_bool_value(event_of(mrb, self).find(field) != nullptr);
}

[[noreturn]] void raise_not_timestamp(mrb_state* mrb, mrb_value value) {
  mrb_raisef(mrb, E_TYPE_ERROR, "wrong argument type %T (expected LogStash::Timestamp)", value);
  __builtin_unreachable();
}

const char* store(mrb_state* mrb, Event& event, const FieldRef& field, mrb_value object) {
  Native native(mrb);
  Value value;
  if (const char* fault = to_event(mrb, object, event.arena(), value)) return fault;
  if (field.is_metadata() && field.segments().empty() && !value.is_object())
    return "a value other than a hash for [@metadata]";
  return event.set(field, value) ? nullptr : "a member in something that has none";
}

mrb_value event_set(mrb_state* mrb, mrb_value self) {
  mrb_value name, object;
  mrb_get_args(mrb, "So", &name, &object);
  const FieldRef& field = field_argument(mrb, name);
  Event& event = event_of(mrb, self);
  if (field == kTimestampField && !is_a(object, state_of(mrb).classes.timestamp))
    raise_not_timestamp(mrb, object);
  if (const char* fault = store(mrb, event, field, object))
    mrb_raisef(mrb, E_TYPE_ERROR, "event.set(%v): can't set %s", name, fault);
  return object;
}

mrb_value event_remove(mrb_state* mrb, mrb_value self) {
  mrb_value name;
  mrb_get_args(mrb, "S", &name);
  const FieldRef& field = field_argument(mrb, name);
  Event& event = event_of(mrb, self);
  const Value* const value = event.find(field);
  if (!value) return mrb_nil_value();
  const mrb_value removed = from_event(mrb, *value);
  {
    Native native(mrb);
    event.erase(field);
  }
  return removed;
}

mrb_value event_tag(mrb_state* mrb, mrb_value self) {
  mrb_value name;
  mrb_get_args(mrb, "S", &name);
  Event& event = event_of(mrb, self);
  {
    Native native(mrb);
    Value text;
    if (!to_event(mrb, name, event.arena(), text)) event.tag(text.view());
  }
  return mrb_nil_value();
}

mrb_value event_cancel(mrb_state* mrb, mrb_value self) {
  event_of(mrb, self);
  box<EventBox>(self).cancelled = 1;
  return mrb_true_value();
}

mrb_value event_uncancel(mrb_state* mrb, mrb_value self) {
  event_of(mrb, self);
  box<EventBox>(self).cancelled = 0;
  return mrb_false_value();
}

mrb_value event_cancelled(mrb_state* mrb, mrb_value self) {
  event_of(mrb, self);
  return mrb_bool_value(box<EventBox>(self).cancelled != 0);
}

mrb_value event_to_hash(mrb_state* mrb, mrb_value self) {
  return from_event(mrb, event_of(mrb, self).root());
}

mrb_value event_to_hash_with_metadata(mrb_state* mrb, mrb_value self) {
  Event& event = event_of(mrb, self);
  const mrb_value hash = from_event(mrb, event.root());
  if (event.metadata().size)
    mrb_hash_set(mrb, hash, mrb_str_new_lit(mrb, "@metadata"), from_event(mrb, event.metadata()));
  return hash;
}

mrb_value event_timestamp(mrb_state* mrb, mrb_value self) {
  const Value* const stamp = event_of(mrb, self).timestamp();
  return stamp ? make_timestamp(mrb, stamp->instant()) : mrb_nil_value();
}

mrb_value event_set_timestamp(mrb_state* mrb, mrb_value self) {
  mrb_value object;
  mrb_get_args(mrb, "o", &object);
  Event& event = event_of(mrb, self);
  if (!is_a(object, state_of(mrb).classes.timestamp)) raise_not_timestamp(mrb, object);
  store(mrb, event, kTimestampField, object);
  return object;
}

const Template* parsed_template(State& state, std::string_view text) {
  auto found = state.templates.find(text);
  if (found == state.templates.end()) {
    if (state.templates.size() >= kParsedTextsMax) state.templates.clear();
    auto parsed = Template::parse(text);
    std::optional<Template> made;
    if (parsed.ok()) made = std::move(parsed).value();
    found = state.templates.emplace(text, std::move(made)).first;
  }
  return found->second ? &*found->second : nullptr;
}

mrb_value render(mrb_state* mrb, Event& event, std::string_view text) {
  State& state = state_of(mrb);
  {
    Native native(mrb);
    state.scratch_text.clear();
    if (const Template* made = parsed_template(state, text))
      made->append(event, state.scratch_text);
    else
      state.scratch_text = text;
  }
  return make_string(mrb, state.scratch_text);
}

mrb_value event_sprintf(mrb_state* mrb, mrb_value self) {
  mrb_value text;
  mrb_get_args(mrb, "S", &text);
  return render(mrb, event_of(mrb, self), view(text));
}

mrb_value event_to_s(mrb_state* mrb, mrb_value self) {
  return render(mrb, event_of(mrb, self), "%{@timestamp} %{host} %{message}");
}

mrb_value event_to_json(mrb_state* mrb, mrb_value self) {
  Event& event = event_of(mrb, self);
  State& state = state_of(mrb);
  {
    Native native(mrb);
    state.scratch.clear();
    write_json(event.root(), state.scratch);
  }
  return make_string(mrb, state.scratch.view());
}

// A new event of the script's, in the batch's arena.
Event* allocate_event(mrb_state* mrb) {
  State& state = state_of(mrb);
  if (!state.batch) return nullptr;
  Arena& arena = state.batch->arena();
  const Origin* const origin = state.has_row ? (*state.batch)[state.row].origin() : nullptr;
  return new (arena.allocate(sizeof(Event), alignof(Event))) Event(arena, origin);
}

mrb_value wrap_own(mrb_state* mrb, Event* event) {
  State& state = state_of(mrb);
  return make_box(mrb, state.classes.event, EventBox{event, 0, state.epoch, 0});
}

const char* fill_new(mrb_state* mrb, mrb_value hash, Event*& event) {
  Native native(mrb);
  event = allocate_event(mrb);
  if (!event) return "events can only be made while an event is handled";
  Value document = Value::object();
  if (!mrb_nil_p(hash))
    if (const char* fault = to_event(mrb, hash, event->arena(), document)) return fault;
  return event->adopt(document, state_of(mrb).options->clock->now()) ? nullptr
                                                                     : "@metadata must be a hash";
}

mrb_value event_initialize(mrb_state* mrb, mrb_value self) {
  mrb_value hash = mrb_nil_value();
  mrb_get_args(mrb, "|o", &hash);
  if (!mrb_nil_p(hash) && !mrb_hash_p(hash))
    mrb_raisef(mrb, E_TYPE_ERROR, "wrong argument type %T (expected Hash)", hash);
  Event* event = nullptr;
  if (const char* fault = fill_new(mrb, hash, event))
    mrb_raisef(mrb, E_RUNTIME_ERROR, "LogStash::Event.new: %s", fault);
  box<EventBox>(self) = EventBox{event, 0, state_of(mrb).epoch, 0};
  return self;
}

Event* copy_of(mrb_state* mrb, const Event& event) {
  Native native(mrb);
  Event* const copy = allocate_event(mrb);
  copy->root() = deep_copy(copy->arena(), event.root());
  copy->metadata() = deep_copy(copy->arena(), event.metadata());
  return copy;
}

mrb_value event_clone(mrb_state* mrb, mrb_value self) {
  const Event& event = event_of(mrb, self);
  return wrap_own(mrb, copy_of(mrb, event));
}

Event& event_argument(mrb_state* mrb) {
  mrb_value object;
  mrb_get_args(mrb, "o", &object);
  if (!is_a(object, state_of(mrb).classes.event))
    mrb_raisef(mrb, E_TYPE_ERROR, "wrong argument type %T (expected LogStash::Event)", object);
  return event_of(mrb, object);
}

mrb_value event_overwrite(mrb_state* mrb, mrb_value self) {
  const Event& other = event_argument(mrb);
  Event& event = event_of(mrb, self);
  Native native(mrb);
  event.root() = deep_copy(event.arena(), other.root());
  return self;
}

// Members of both that are objects are merged, lists joined without doubles; else `from` wins.
void merge(Arena& arena, Value& into, const Value& from, uint32_t depth) {
  for (const Member& member : from.entries()) {
    const Name name{member.name(), member.hash};
    Value* const held = object_find(into, name);
    if (held && held->is_object() && member.value.is_object() && depth < limits::kDepthMax) {
      merge(arena, *held, member.value, depth + 1);
    } else if (held && held->is_array()) {
      const Value copy = deep_copy(arena, member.value);
      const std::span<const Value> items =
          copy.is_array() ? std::span<const Value>(copy.items, copy.size) : std::span(&copy, 1);
      for (const Value& item : items) {
        bool known = false;
        for (const Value& old : held->elements()) known = known || equal(old, item);
        if (!known) array_append(arena, *held, item);
      }
    } else {
      object_set(arena, into, name, deep_copy(arena, member.value));
    }
  }
}

mrb_value event_append(mrb_state* mrb, mrb_value self) {
  const Event& other = event_argument(mrb);
  Event& event = event_of(mrb, self);
  Native native(mrb);
  if (&other != &event) merge(event.arena(), event.root(), other.root(), 0);
  return self;
}

// Array of events from JSON text.
const char* read_json(mrb_state* mrb, std::string_view text, Value& out) {
  Native native(mrb);
  State& state = state_of(mrb);
  if (!state.batch) return "events can only be made while an event is handled";
  JsonReader reader;
  Arena& arena = state.batch->arena();
  const auto outcome = reader.read(arena.copy(text), arena, out);
  if (outcome == JsonReader::Outcome::empty) out = Value::array();
  if (outcome != JsonReader::Outcome::ok && outcome != JsonReader::Outcome::empty)
    return "malformed JSON";
  if (!out.is_object() && !out.is_array()) return "neither an object nor an array";
  for (const Value& item : out.is_array() ? out.elements() : std::span<Value>())
    if (!item.is_object()) return "an array of something else than objects";
  return nullptr;
}

Event* adopt(mrb_state* mrb, const Value& document) {
  Native native(mrb);
  Event* const event = allocate_event(mrb);
  return event->adopt(document, state_of(mrb).options->clock->now()) ? event : nullptr;
}

mrb_value event_from_json(mrb_state* mrb, mrb_value) {
  mrb_value text;
  mrb_get_args(mrb, "S", &text);
  Value documents;
  if (const char* fault = read_json(mrb, view(text), documents))
    mrb_raisef(mrb, E_RUNTIME_ERROR, "LogStash::Event.from_json: %s", fault);
  const mrb_value events = mrb_ary_new(mrb);
  const auto items = documents.is_array() ? documents.elements() : std::span(&documents, 1);
  for (const Value& item : items)
    if (Event* event = adopt(mrb, item)) mrb_ary_push(mrb, events, wrap_own(mrb, event));
  return events;
}

mrb_value event_index(mrb_state* mrb, mrb_value) {
  raise_text(mrb, E_NOMETHOD_ERROR, "use event.get('field') and event.set('field', value)");
}

// new_event_block.call(event): appends it as a child of the current row.
void emit(State& state, const Event& event) {
  Batch& batch = *state.batch;
  const Value root = event.root(), metadata = event.metadata();
  const Row row = batch.append_child(state.row);
  batch[row].root() = deep_copy(batch.arena(), root);
  batch[row].metadata() = deep_copy(batch.arena(), metadata);
}

mrb_value emitter_call(mrb_state* mrb, mrb_value) {
  mrb_value object;
  mrb_get_args(mrb, "o", &object);
  if (!is_a(object, state_of(mrb).classes.event))
    mrb_raisef(mrb, E_TYPE_ERROR, "wrong argument type %T (expected LogStash::Event)", object);
  const Event& event = event_of(mrb, object);
  if (!state_of(mrb).has_row) raise_text(mrb, E_RUNTIME_ERROR, "there is no event to be born of");
  if (box<EventBox>(object).cancelled) return mrb_nil_value();
  Native native(mrb);
  emit(state_of(mrb), event);
  return mrb_nil_value();
}

void define_methods(mrb_state* mrb, RClass* event) {
  const auto one = MRB_ARGS_REQ(1), none = MRB_ARGS_NONE();
  mrb_define_method(mrb, event, "initialize", event_initialize, MRB_ARGS_OPT(1));
  mrb_define_method(mrb, event, "get", event_get, one);
  mrb_define_method(mrb, event, "set", event_set, MRB_ARGS_REQ(2));
  mrb_define_method(mrb, event, "remove", event_remove, one);
  mrb_define_method(mrb, event, "include?", event_include, one);
  mrb_define_method(mrb, event, "tag", event_tag, one);
  mrb_define_method(mrb, event, "cancel", event_cancel, none);
  mrb_define_method(mrb, event, "uncancel", event_uncancel, none);
  mrb_define_method(mrb, event, "cancelled?", event_cancelled, none);
  mrb_define_method(mrb, event, "to_hash", event_to_hash, none);
  mrb_define_method(mrb, event, "to_hash_with_metadata", event_to_hash_with_metadata, none);
  mrb_define_method(mrb, event, "timestamp", event_timestamp, none);
  mrb_define_method(mrb, event, "timestamp=", event_set_timestamp, one);
  mrb_define_method(mrb, event, "sprintf", event_sprintf, one);
  mrb_define_method(mrb, event, "to_s", event_to_s, none);
  mrb_define_method(mrb, event, "to_json", event_to_json, MRB_ARGS_ANY());
  mrb_define_method(mrb, event, "clone", event_clone, none);
  mrb_define_method(mrb, event, "dup", event_clone, none);
  mrb_define_method(mrb, event, "overwrite", event_overwrite, one);
  mrb_define_method(mrb, event, "append", event_append, one);
  mrb_define_method(mrb, event, "[]", event_index, MRB_ARGS_ANY());
  mrb_define_method(mrb, event, "[]=", event_index, MRB_ARGS_ANY());
  mrb_define_class_method(mrb, event, "from_json", event_from_json, one);
}

}  // namespace

Event& event_of(mrb_state* mrb, mrb_value self) {
  const State& state = state_of(mrb);
  const auto& content = box<EventBox>(self);
  if (content.epoch != state.epoch || !state.batch)
    raise_text(mrb, E_RUNTIME_ERROR,
               "this event is gone: a script can keep event.to_hash, but no event");
  return content.own ? *content.own : (*state.batch)[content.row];
}

mrb_value make_event(mrb_state* mrb, Row row) {
  const State& state = state_of(mrb);
  return make_box(mrb, state.classes.event, EventBox{nullptr, row, state.epoch, 0});
}

void define_event(mrb_state* mrb) {
  Classes& classes = state_of(mrb).classes;
  classes.event = mrb_define_class_under(mrb, classes.logstash, "Event", mrb->object_class);
  use_boxes(classes.event);
  define_methods(mrb, classes.event);
  const auto constant = [&](const char* name, const char* text) {
    mrb_define_const(mrb, classes.event, name, mrb_str_new_cstr(mrb, text));
  };
  constant("METADATA", "@metadata");
  constant("METADATA_BRACKETS", "[@metadata]");
  constant("TIMESTAMP", "@timestamp");
  constant("TIMESTAMP_FAILURE_TAG", "_timestampparsefailure");
  constant("TIMESTAMP_FAILURE_FIELD", "_@timestamp");
  constant("VERSION", "@version");
  constant("VERSION_ONE", "1");
}

// The proc that a script calls to add an event.
mrb_value make_emitter(mrb_state* mrb) {
  return mrb_obj_value(mrb_proc_new_cfunc(mrb, emitter_call));
}

}  // namespace penstock::ruby
