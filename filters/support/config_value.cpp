#include "filters/support/config_value.h"

#include "pipeline/base/text.h"

namespace penstock {
namespace {

Value number_of(Arena& arena, const ConfigValue& value) {
  if (!value.is_float())
    if (const auto integer = parse_integer(value.text)) return Value::of_integer(*integer);
  if (const auto real = parse_real(value.text); real && value.is_float())
    return Value::of_real(*real);
  return Value::raw_number(arena.copy(value.text), value.is_float());
}

}  // namespace

Value value_of(Arena& arena, const ConfigValue& value) {
  switch (value.kind) {
    case ConfigValue::Kind::number:
      return number_of(arena, value);
    case ConfigValue::Kind::array: {
      Value out = Value::array();
      for (const ConfigValue& item : value.items) array_append(arena, out, value_of(arena, item));
      return out;
    }
    case ConfigValue::Kind::hash: {
      Value out = Value::object();
      for (size_t i = 0; i + 1 < value.items.size(); i += 2)
        object_set(arena, out, Name(arena.copy(value.items[i].text)),
                   value_of(arena, value.items[i + 1]));
      return out;
    }
    default:
      return Value::string(arena.copy(value.text));
  }
}

}  // namespace penstock
