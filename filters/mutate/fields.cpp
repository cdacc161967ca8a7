// The operations that move and replace whole values.
#include "filters/mutate/operation.h"

#include "filters/mutate/convert.h"

namespace penstock::mutate {
namespace {

// The value of a hash option: text that may hold %{...}. Numbers are taken as they are written.
Result<Template> template_of(const Settings& settings, std::string_view option,
                             const ConfigValue& value) {
  if (!value.is_scalar()) return settings.error(option, "expected a string as a value");
  auto made = Template::parse(value.text);
  if (!made.ok()) return settings.error(option, made.error().message);
  return made;
}

Result<FieldRef> field_of(const Settings& settings, std::string_view option,
                          const std::string& text) {
  auto parsed = FieldRef::parse(text);
  if (!parsed.ok()) return settings.error(option, parsed.error().message);
  return parsed;
}

// Text rendered into the event's batch.
class Text {
 public:
  explicit Text(Template text) : template_(std::move(text)) {}

  Value render(const Event& event) {
    scratch_.clear();
    template_.append(event, scratch_);
    return event.string(scratch_);
  }

 private:
  Template template_;
  std::string scratch_;
};

// Coerce, update and replace differ in when they act.
enum class When : uint8_t { null, there, always };

class Replace : public Operation {
 public:
  Replace(When when, FieldRef field, Template text)
      : when_(when), field_(std::move(field)), text_(std::move(text)) {}

  bool apply(Event& event) override {
    if (when_ != When::always) {
      if (!includes(event, field_)) return true;
      const Value* held = static_cast<const Event&>(event).find(field_);
      if (when_ == When::null && held && !held->is_null()) return true;
    }
    return event.set(field_, text_.render(event));
  }

 private:
  When when_;
  FieldRef field_;
  Text text_;
};

Status add_replacements(const Settings& settings, std::string_view option, When when,
                        Operations& out) {
  for (const auto& [key, value] : settings.hash(option)) {
    TRY(FieldRef field, field_of(settings, option, key.text));
    TRY(Template text, template_of(settings, option, value));
    out.push_back(std::make_unique<Replace>(when, std::move(field), std::move(text)));
  }
  return ok_status();
}

// A field reference that may hold %{...}: then it is parsed when its text changes.
class DynamicField {
 public:
  static Result<DynamicField> make(const Settings& settings, std::string_view option,
                                   const ConfigValue& value) {
    TRY(Template text, template_of(settings, option, value));
    DynamicField out(std::move(text));
    if (out.template_.is_constant()) {
      TRY(out.field_, field_of(settings, option, value.text));
      out.constant_ = true;
    }
    return out;
  }

  // nullptr when the text is no reference.
  const FieldRef* resolve(const Event& event) {
    if (constant_) [[likely]]
      return &field_;
    scratch_.clear();
    template_.append(event, scratch_);
    if (scratch_ != text_) {
      text_ = scratch_;
      auto parsed = FieldRef::parse(text_);
      valid_ = parsed.ok();
      if (valid_) field_ = std::move(parsed).value();
    }
    return valid_ ? &field_ : nullptr;
  }

 private:
  explicit DynamicField(Template text) : template_(std::move(text)) {}

  Template template_;
  FieldRef field_;
  bool constant_ = false;
  bool valid_ = false;
  std::string text_;
  std::string scratch_;
};

class Rename : public Operation {
 public:
  Rename(DynamicField from, DynamicField to) : from_(std::move(from)), to_(std::move(to)) {}

  bool apply(Event& event) override {
    const FieldRef* from = from_.resolve(event);
    const FieldRef* to = to_.resolve(event);
    if (!from || !to) return false;
    if (!includes(event, *from)) return true;
    const Value* held = static_cast<const Event&>(event).find(*from);
    const Value moved = held ? *held : Value::null();
    event.erase(*from);
    if (event.set(*to, moved)) return true;
    // Unlike Logstash, which loses the value here.
    (void)event.set(*from, moved);
    return false;
  }

 private:
  DynamicField from_, to_;
};

class Copy : public Operation {
 public:
  Copy(FieldRef from, FieldRef to) : from_(std::move(from)), to_(std::move(to)) {}

  bool apply(Event& event) override {
    if (from_.segments().empty()) return set(event, event.metadata());
    const Value* held = static_cast<const Event&>(event).find(from_);
    return !held || held->is_null() || set(event, *held);
  }

 private:
  bool set(Event& event, const Value& value) const {
    return event.set(to_, value.is_container() ? deep_copy(event.arena(), value) : value);
  }

  FieldRef from_, to_;
};

class Convert : public Operation {
 public:
  Convert(FieldRef field, Type type) : field_(std::move(field)), type_(type) {}

  bool apply(Event& event) override {
    Value* held = event.find(field_);
    if (!held || held->is_object() || held->is_null()) return true;
    if (!held->is_array()) return convert_into(event, *held, *held);
    // The array changes as a whole or not at all.
    Value converted = deep_copy(event.arena(), *held);
    for (Value& item : converted.elements())
      if (!item.is_null() && !convert_into(event, item, item)) return false;
    *held = converted;
    return true;
  }

 private:
  bool convert_into(Event& event, const Value& from, Value& to) const {
    const auto converted = convert(from, type_, event.arena());
    if (!converted) return false;
    to = *converted;
    return true;
  }

  FieldRef field_;
  Type type_;
};

// What Ruby's Array() makes of a value, appended.
void append_items(Event& event, Value& array, const Value* from) {
  if (!from || from->is_null()) return;
  if (!from->is_array()) return array_append(event.arena(), array, *from);
  for (const Value& item : from->elements())
    array_append(event.arena(), array, deep_copy(event.arena(), item));
}

class Merge : public Operation {
 public:
  Merge(FieldRef into, std::vector<FieldRef> from)
      : into_(std::move(into)), from_(std::move(from)) {}

  bool apply(Event& event) override {
    for (const FieldRef& from : from_)
      if (!merge(event, from)) return false;
    return true;
  }

 private:
  bool merge(Event& event, const FieldRef& from) const {
    const Event& seen = event;
    const Value* held = seen.find(into_);
    const Value* added = seen.find(from);
    const bool object = held && held->is_object();
    if (object != (added && added->is_object())) return true;  // an array and a hash don't merge
    if (object) {
      Value merged = deep_copy(event.arena(), *held);
      for (const Member& member : added->entries())
        object_set(event.arena(), merged, {member.name(), member.hash},
                   deep_copy(event.arena(), member.value));
      return event.set(into_, merged);
    }
    Value merged = Value::array();
    append_items(event, merged, held);
    append_items(event, merged, added);
    return event.set(into_, merged);
  }

  FieldRef into_;
  std::vector<FieldRef> from_;
};

}  // namespace

bool includes(const Event& event, const FieldRef& field) {
  if (field.segments().empty()) return true;  // @metadata
  const Value* held = event.find(field);
  if (!held) return false;
  if (!held->is_null() || field.segments().size() == 1 || !field.segments().back().is_index)
    return true;
  // Null: not counted when it is an item.
  const std::string text = field.text();
  const auto parent = FieldRef::parse(text.substr(0, text.rfind('[')));
  const Value* holder = parent.ok() ? event.find(parent.value()) : nullptr;
  return !holder || !holder->is_array();
}

Status add_coerce(const Settings& settings, Operations& out) {
  return add_replacements(settings, "coerce", When::null, out);
}

Status add_update(const Settings& settings, Operations& out) {
  return add_replacements(settings, "update", When::there, out);
}

Status add_replace(const Settings& settings, Operations& out) {
  return add_replacements(settings, "replace", When::always, out);
}

Status add_rename(const Settings& settings, Operations& out) {
  for (const auto& [key, value] : settings.hash("rename")) {
    TRY(DynamicField from, DynamicField::make(settings, "rename", key));
    TRY(DynamicField to, DynamicField::make(settings, "rename", value));
    out.push_back(std::make_unique<Rename>(std::move(from), std::move(to)));
  }
  return ok_status();
}

Status add_convert(const Settings& settings, Operations& out) {
  for (const auto& [key, value] : settings.hash("convert")) {
    TRY(FieldRef field, field_of(settings, "convert", key.text));
    const auto type = type_of(value.text);
    if (!type)
      return settings.error("convert", "unknown type `" + value.text +
                                           "`; expected integer, integer_eu, float, float_eu, "
                                           "string or boolean");
    out.push_back(std::make_unique<Convert>(std::move(field), *type));
  }
  return ok_status();
}

Status add_merge(const Settings& settings, Operations& out) {
  for (const auto& [key, value] : settings.hash("merge")) {
    TRY(FieldRef into, field_of(settings, "merge", key.text));
    std::vector<FieldRef> from;
    const auto add = [&](const ConfigValue& item) -> Status {
      TRY(FieldRef field, field_of(settings, "merge", item.text));
      from.push_back(std::move(field));
      return ok_status();
    };
    if (value.is_scalar()) TRY_STATUS(add(value));
    for (const ConfigValue& item : value.items) TRY_STATUS(add(item));
    out.push_back(std::make_unique<Merge>(std::move(into), std::move(from)));
  }
  return ok_status();
}

Status add_copy(const Settings& settings, Operations& out) {
  for (const auto& [key, value] : settings.hash("copy")) {
    TRY(FieldRef from, field_of(settings, "copy", key.text));
    TRY(FieldRef to, field_of(settings, "copy", value.text));
    out.push_back(std::make_unique<Copy>(std::move(from), std::move(to)));
  }
  return ok_status();
}

}  // namespace penstock::mutate
