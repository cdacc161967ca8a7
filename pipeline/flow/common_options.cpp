#include "pipeline/flow/common_options.h"

namespace penstock {
namespace {

const FieldRef& type_field() {
  static const FieldRef kField = FieldRef::of("type");
  return kField;
}

const FieldRef& tags_field() {
  static const FieldRef kField = FieldRef::of("tags");
  return kField;
}

// A constant is viewed where it lies: the worker's templates outlive its batches.
Value rendered(const Event& event, const Template& text) {
  return text.is_constant() ? Value::string(text.text()) : event.string(text.render(event));
}

// Appends to the list at `field`; a scalar that is there becomes its first item.
void append_to(Event& event, const FieldRef& field, const Value& item) {
  Value* there = event.find(field);
  if (!there->is_array()) {
    const Value first = *there;
    Value list = Value::array();
    array_append(event.arena(), list, first);
    *there = list;
  }
  array_append(event.arena(), *there, item);
}

}  // namespace

Result<FieldTemplate> FieldTemplate::parse(const std::string& text) {
  TRY(Template parsed, Template::parse(text));
  FieldTemplate out(std::move(parsed));
  if (out.text_.is_constant()) {
    TRY(FieldRef field, FieldRef::parse(text));
    out.constant_ = std::move(field);
  }
  return out;
}

std::optional<FieldRef> FieldTemplate::field(const Event& event) const {
  auto parsed = FieldRef::parse(text_.render(event));
  if (!parsed.ok()) return std::nullopt;
  return std::move(parsed).value();
}

Result<CommonOptions> CommonOptions::of_filter(const Settings& settings) {
  CommonOptions out;
  TRY_STATUS(out.read_add_field(settings));
  TRY_STATUS(out.read_remove_field(settings));
  TRY_STATUS(out.read_tags(settings, "add_tag", out.add_tag_));
  TRY_STATUS(out.read_tags(settings, "remove_tag", out.remove_tag_));
  out.empty_ = out.add_field_.empty() && out.remove_field_.empty() && out.add_tag_.empty() &&
               out.remove_tag_.empty();
  return out;
}

Result<CommonOptions> CommonOptions::of_input(const Settings& settings) {
  CommonOptions out;
  out.type_ = settings.string("type");
  TRY_STATUS(out.read_add_field(settings));
  TRY_STATUS(out.read_tags(settings, "tags", out.add_tag_));
  out.empty_ = out.type_.empty() && out.add_field_.empty() && out.add_tag_.empty();
  return out;
}

Status CommonOptions::read_add_field(const Settings& settings) {
  for (const auto& [key, value] : settings.hash("add_field")) {
    const bool list = value.kind == ConfigValue::Kind::array;
    if (!list && !value.is_scalar())
      return settings.error("add_field", "`" + key.text + "` must be a string or a list of them");
    const std::vector<ConfigValue> one{value};
    for (const ConfigValue& item : list ? value.items : one) {
      auto field = FieldTemplate::parse(key.text);
      if (!field.ok()) return settings.error("add_field", field.error().message);
      auto text = Template::parse(item.text);
      if (!text.ok()) return settings.error("add_field", text.error().message);
      add_field_.push_back({std::move(field).value(), std::move(text).value()});
    }
  }
  return ok_status();
}

Status CommonOptions::read_remove_field(const Settings& settings) {
  for (const std::string& name : settings.strings("remove_field")) {
    auto field = FieldTemplate::parse(name);
    if (!field.ok()) return settings.error("remove_field", field.error().message);
    remove_field_.push_back(std::move(field).value());
  }
  return ok_status();
}

Status CommonOptions::read_tags(const Settings& settings, std::string_view option,
                                std::vector<Template>& out) {
  for (const std::string& tag : settings.strings(option)) {
    auto parsed = Template::parse(tag);
    if (!parsed.ok()) return settings.error(option, parsed.error().message);
    out.push_back(std::move(parsed).value());
  }
  return ok_status();
}

void CommonOptions::apply(Event& event) const {
  if (!type_.empty()) set_type(event);
  for (const Addition& addition : add_field_) add_field(event, addition);
  for (const FieldTemplate& name : remove_field_) {
    if (const FieldRef* field = name.constant())
      event.erase(*field);
    else if (const auto dynamic = name.field(event))
      event.erase(*dynamic);
  }
  for (const Template& tag : add_tag_) add_tag(event, tag);
  for (const Template& tag : remove_tag_)
    event.untag(tag.is_constant() ? tag.text() : tag.render(event));
}

void CommonOptions::set_type(Event& event) const {
  if (!event.find(type_field())) (void)event.set(type_field(), Value::string(type_));
}

void CommonOptions::add_field(Event& event, const Addition& addition) const {
  const FieldRef* field = addition.field.constant();
  std::optional<FieldRef> dynamic;
  if (!field) {
    dynamic = addition.field.field(event);
    if (!dynamic) return;
    field = &*dynamic;
  }
  const Value value = rendered(event, addition.value);
  if (event.find(*field))
    append_to(event, *field, value);
  else
    (void)event.set(*field, value);  // refused when a parent is a scalar, as in Logstash
}

void CommonOptions::add_tag(Event& event, const Template& tag) const {
  const Value value = rendered(event, tag);
  const Value* tags = event.find(tags_field());
  if (!tags || tags->is_null()) (void)event.set(tags_field(), Value::array());
  append_to(event, tags_field(), value);
}

}  // namespace penstock
