#include "filters/ruby/state.h"
#include "pipeline/base/text.h"

namespace penstock::ruby {
namespace {

mrb_value from_number(mrb_state* mrb, const Value& value) {
  if (!value.is_float())
    if (const auto integer = value.as_integer()) return mrb_int_value(mrb, *integer);
  return mrb_float_value(mrb, value.as_real().value_or(0));
}

mrb_value from_array(mrb_state* mrb, const Value& value) {
  const int arena = mrb_gc_arena_save(mrb);
  const mrb_value array = mrb_ary_new_capa(mrb, static_cast<mrb_int>(value.size));
  for (const Value& item : value.elements()) {
    mrb_ary_push(mrb, array, from_event(mrb, item));
    mrb_gc_arena_restore(mrb, arena + 1);
  }
  return array;
}

mrb_value from_object(mrb_state* mrb, const Value& value) {
  const int arena = mrb_gc_arena_save(mrb);
  const mrb_value hash = mrb_hash_new_capa(mrb, static_cast<mrb_int>(value.size));
  for (const Member& member : value.entries()) {
    const mrb_value name = make_string(mrb, member.name());
    MRB_SET_FROZEN_FLAG(mrb_basic_ptr(name));  // so that the hash needs no copy of its own
    mrb_hash_set(mrb, hash, name, from_event(mrb, member.value));
    mrb_gc_arena_restore(mrb, arena + 1);
  }
  return hash;
}

// Ruby to event. No Ruby code runs and nothing raises in here.
class Writer {
 public:
  Writer(mrb_state* mrb, Arena& arena) : mrb_(mrb), arena_(arena) {}

  bool write(mrb_value object, Value& out, uint32_t depth) {
    switch (mrb_type(object)) {
      case MRB_TT_FALSE:
        out = mrb_nil_p(object) ? Value::null() : Value::boolean(false);
        return true;
      case MRB_TT_TRUE:
        out = Value::boolean(true);
        return true;
      case MRB_TT_INTEGER:
        out = Value::of_integer(mrb_integer(object));
        return true;
      case MRB_TT_FLOAT:
        return write_float(mrb_float(object), out);
      case MRB_TT_STRING:
        out = text(view(object));
        return true;
      case MRB_TT_SYMBOL:
        out = text(name_of(object));
        return true;
      case MRB_TT_ARRAY:
        return write_array(object, out, depth);
      case MRB_TT_HASH:
        return write_hash(object, out, depth);
      case MRB_TT_ISTRUCT:
        return write_time(object, out);
      default:
        return fail("an object that an event can't hold");
    }
  }
  const char* fault() const { return fault_; }

 private:
  bool fail(const char* fault) {
    fault_ = fault;
    return false;
  }

  bool write_float(double number, Value& out) {
    if (!(number - number == 0)) return fail("a float that is no number (NaN or Infinity)");
    out = Value::of_real(number);
    return true;
  }

  Value text(std::string_view bytes) {
    if (is_utf8(bytes)) return Value::string(arena_.copy(bytes));
    return Value::string(arena_.copy(replace_invalid_utf8(bytes)));
  }

  std::string_view name_of(mrb_value symbol) {
    mrb_int size = 0;
    const char* const name = mrb_sym_name_len(mrb_, mrb_symbol(symbol), &size);
    return {name, static_cast<size_t>(size)};
  }

  bool write_array(mrb_value array, Value& out, uint32_t depth) {
    if (depth >= limits::kDepthMax) return fail("arrays nested too deeply");
    out = Value::array();
    for (mrb_int i = 0; i < RARRAY_LEN(array); ++i) {
      Value item;
      if (!write(RARRAY_PTR(array)[i], item, depth + 1)) return false;
      array_append(arena_, out, item);
    }
    return true;
  }

  struct HashWalk {
    Writer* writer;
    Value* out;
    uint32_t depth;
    bool ok;
  };
  static int write_member(mrb_state*, mrb_value key, mrb_value value, void* data) {
    auto& walk = *static_cast<HashWalk*>(data);
    Value name, member;
    walk.ok =
        walk.writer->write_name(key, name) && walk.writer->write(value, member, walk.depth + 1);
    if (walk.ok) object_set(walk.writer->arena_, *walk.out, Name{name.view()}, member);
    return walk.ok ? 0 : 1;
  }
  bool write_hash(mrb_value hash, Value& out, uint32_t depth) {
    if (depth >= limits::kDepthMax) return fail("hashes nested too deeply");
    out = Value::object();
    object_reserve(arena_, out, static_cast<uint32_t>(mrb_hash_size(mrb_, hash)));
    HashWalk walk{this, &out, depth, true};
    mrb_hash_foreach(mrb_, mrb_hash_ptr(hash), write_member, &walk);
    return walk.ok;
  }
  bool write_name(mrb_value key, Value& out) {
    if (mrb_array_p(key) || mrb_hash_p(key)) return fail("a hash whose key is a collection");
    if (!write(key, out, limits::kDepthMax)) return false;
    if (!out.is_string()) out = Value::string(arena_.copy(to_text(out)));
    return true;
  }

  bool write_time(mrb_value object, Value& out) {
    const Classes& classes = state_of(mrb_).classes;
    if (!is_a(object, classes.timestamp) && !is_a(object, classes.time))
      return fail("an object that an event can't hold");
    const auto& time = box<TimeBox>(object);
    out = Value::timestamp({time.seconds, time.nanoseconds});
    return true;
  }

  mrb_state* mrb_;
  Arena& arena_;
  const char* fault_ = nullptr;
};

}  // namespace

mrb_value from_event(mrb_state* mrb, const Value& value) {
  switch (value.kind) {
    case Kind::null:
      return mrb_nil_value();
    case Kind::boolean:
      return mrb_bool_value(value.truth());
    case Kind::integer:
      return mrb_int_value(mrb, value.integer);
    case Kind::real:
      return mrb_float_value(mrb, value.real);
    case Kind::raw_number:
      return from_number(mrb, value);
    case Kind::string:
      return make_string(mrb, value.view());
    case Kind::timestamp:
      return make_timestamp(mrb, value.instant());
    case Kind::array:
      return from_array(mrb, value);
    case Kind::object:
      return from_object(mrb, value);
  }
  return mrb_nil_value();
}

const char* to_event(mrb_state* mrb, mrb_value object, Arena& arena, Value& out) {
  Writer writer(mrb, arena);
  return writer.write(object, out, 0) ? nullptr : writer.fault();
}

mrb_value make_timestamp(mrb_state* mrb, Instant instant) {
  return make_box(mrb, state_of(mrb).classes.timestamp,
                  TimeBox{instant.seconds, instant.nanoseconds, 0, 1});
}

void raise_text(mrb_state* mrb, RClass* type, const char* text) {
  mrb_raise(mrb, type, text);
  __builtin_unreachable();
}

}  // namespace penstock::ruby
