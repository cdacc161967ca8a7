// LogStash::Timestamp: an instant, as an event's @timestamp is one.
#include "filters/ruby/state.h"

namespace penstock::ruby {
namespace {

TimeBox& time_of(mrb_value self) { return box<TimeBox>(self); }
TimeBox utc(Instant instant) { return {instant.seconds, instant.nanoseconds, 0, 1}; }
Instant now(mrb_state* mrb) { return state_of(mrb).options->clock->now(); }

// nil when `object` is nothing that tells a time.
std::optional<TimeBox> coerced(mrb_state* mrb, mrb_value object) {
  const Classes& classes = state_of(mrb).classes;
  if (mrb_nil_p(object)) return utc(now(mrb));
  if (is_a(object, classes.timestamp) || is_a(object, classes.time)) {
    const TimeBox& time = time_of(object);
    return utc({time.seconds, time.nanoseconds});
  }
  if (!mrb_string_p(object)) return std::nullopt;
  const auto parsed = parse_instant(view(object));
  if (!parsed)
    mrb_raisef(mrb, classes.timestamp_error, "invalid timestamp string format %v", object);
  return utc(*parsed);
}

mrb_value timestamp_initialize(mrb_state* mrb, mrb_value self) {
  mrb_value object = mrb_nil_value();
  mrb_get_args(mrb, "|o", &object);
  const auto time = coerced(mrb, object);
  if (!time) mrb_raisef(mrb, E_TYPE_ERROR, "wrong argument type %T (expected Time)", object);
  time_of(self) = *time;
  return self;
}

mrb_value timestamp_coerce(mrb_state* mrb, mrb_value) {
  mrb_value object;
  mrb_get_args(mrb, "o", &object);
  const auto time = coerced(mrb, object);
  return time ? make_timestamp(mrb, {time->seconds, time->nanoseconds}) : mrb_nil_value();
}

mrb_value timestamp_now(mrb_state* mrb, mrb_value) { return make_timestamp(mrb, now(mrb)); }

mrb_value timestamp_to_i(mrb_state* mrb, mrb_value self) {
  return mrb_int_value(mrb, time_of(self).seconds);
}

mrb_value timestamp_to_f(mrb_state* mrb, mrb_value self) {
  const TimeBox& time = time_of(self);
  return mrb_float_value(mrb,
                         static_cast<double>(time.seconds) + time.nanoseconds / 1'000'000'000.0);
}

mrb_value timestamp_usec(mrb_state* mrb, mrb_value self) {
  return mrb_int_value(mrb, time_of(self).nanoseconds / 1000);
}

mrb_value timestamp_nsec(mrb_state* mrb, mrb_value self) {
  return mrb_int_value(mrb, time_of(self).nanoseconds);
}

mrb_value timestamp_to_s(mrb_state* mrb, mrb_value self) {
  char text[64];
  const TimeBox& time = time_of(self);
  return make_string(mrb, {text, format_instant({time.seconds, time.nanoseconds}, text)});
}

mrb_value timestamp_to_json(mrb_state* mrb, mrb_value self) {
  char text[64];
  const TimeBox& time = time_of(self);
  text[0] = '"';
  const size_t size = format_instant({time.seconds, time.nanoseconds}, text + 1);
  text[size + 1] = '"';
  return make_string(mrb, {text, size + 2});
}

mrb_value timestamp_compare(mrb_state* mrb, mrb_value self) {
  mrb_value other;
  mrb_get_args(mrb, "o", &other);
  const Classes& classes = state_of(mrb).classes;
  if (!is_a(other, classes.timestamp) && !is_a(other, classes.time)) return mrb_nil_value();
  const TimeBox &a = time_of(self), &b = time_of(other);
  const Instant left{a.seconds, a.nanoseconds}, right{b.seconds, b.nanoseconds};
  return mrb_fixnum_value(left < right ? -1 : left == right ? 0 : 1);
}

mrb_value timestamp_hash(mrb_state* mrb, mrb_value self) {
  const TimeBox& time = time_of(self);
  return mrb_int_value(mrb, (time.seconds ^ (int64_t{time.nanoseconds} << 20)) >> 2);
}

}  // namespace

void define_timestamp(mrb_state* mrb) {
  Classes& classes = state_of(mrb).classes;
  RClass* const type =
      mrb_define_class_under(mrb, classes.logstash, "Timestamp", mrb->object_class);
  classes.timestamp = type;
  use_boxes(type);
  mrb_include_module(mrb, type, mrb_module_get(mrb, "Comparable"));
  classes.timestamp_error = mrb_define_class_under(mrb, classes.logstash, "TimestampParserError",
                                                   mrb->eStandardError_class);
  const auto none = MRB_ARGS_NONE();
  mrb_define_class_method(mrb, type, "coerce", timestamp_coerce, MRB_ARGS_REQ(1));
  mrb_define_class_method(mrb, type, "parse_iso8601", timestamp_coerce, MRB_ARGS_REQ(1));
  mrb_define_class_method(mrb, type, "now", timestamp_now, none);
  mrb_define_method(mrb, type, "initialize", timestamp_initialize, MRB_ARGS_OPT(1));
  mrb_define_method(mrb, type, "to_i", timestamp_to_i, none);
  mrb_define_method(mrb, type, "tv_sec", timestamp_to_i, none);
  mrb_define_method(mrb, type, "to_f", timestamp_to_f, none);
  mrb_define_method(mrb, type, "usec", timestamp_usec, none);
  mrb_define_method(mrb, type, "tv_usec", timestamp_usec, none);
  mrb_define_method(mrb, type, "nsec", timestamp_nsec, none);
  mrb_define_method(mrb, type, "to_s", timestamp_to_s, none);
  mrb_define_method(mrb, type, "inspect", timestamp_to_s, none);
  mrb_define_method(mrb, type, "to_iso8601", timestamp_to_s, none);
  mrb_define_method(mrb, type, "iso8601", timestamp_to_s, MRB_ARGS_ANY());
  mrb_define_method(mrb, type, "to_json", timestamp_to_json, MRB_ARGS_ANY());
  // Time's too: the boxes are the same.
  for (RClass* const comparable : {type, classes.time}) {
    mrb_define_method(mrb, comparable, "<=>", timestamp_compare, MRB_ARGS_REQ(1));
    mrb_define_method(mrb, comparable, "hash", timestamp_hash, none);
  }
}

}  // namespace penstock::ruby
