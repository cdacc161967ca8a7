// Time: an instant with an offset. The prelude adds what is parsed loosely (Time.parse), Date and
// DateTime.
#include <algorithm>
#include <cmath>

#include "filters/ruby/calendar.h"
#include "pipeline/event/date_format.h"

namespace penstock::ruby {
namespace {

constexpr int64_t kSecondsMax = int64_t{1} << 40;  // beyond any calendar date that logs have
constexpr double kNano = 1'000'000'000.0;

TimeBox& time_of(mrb_value self) { return box<TimeBox>(self); }

const TimeZone& local_zone(mrb_state* mrb) {
  State& state = state_of(mrb);
  if (!state.zone) {
    Native native(mrb);
    state.zone = TimeZone::local();
  }
  return *state.zone;
}

TimeBox local(mrb_state* mrb, int64_t seconds, uint32_t nanoseconds) {
  return {seconds, nanoseconds, local_zone(mrb).offset_at(seconds), 0};
}

mrb_value make(mrb_state* mrb, mrb_value self, const TimeBox& time) {
  RClass* const type = mrb_class_p(self) ? mrb_class_ptr(self) : state_of(mrb).classes.time;
  if (time.seconds > kSecondsMax || time.seconds < -kSecondsMax)
    raise_text(mrb, E_RANGE_ERROR, "the time is out of range");
  return make_box(mrb, type, time);
}
mrb_value like(mrb_state* mrb, mrb_value self, const TimeBox& time) {
  return make(mrb, mrb_obj_value(mrb_obj_class(mrb, self)), time);
}

// Seconds as Ruby numbers give them.
struct Span {
  int64_t seconds;
  int64_t nanoseconds;  // 0 .. 999'999'999
};
Span span_of(mrb_state* mrb, mrb_value number) {
  if (mrb_integer_p(number)) return {mrb_integer(number), 0};
  const double value = mrb_as_float(mrb, number);
  if (!(std::fabs(value) < static_cast<double>(kSecondsMax)))
    raise_text(mrb, E_RANGE_ERROR, "the time is out of range");
  const double whole = std::floor(value);
  const auto nano = static_cast<int64_t>((value - whole) * kNano);
  return {static_cast<int64_t>(whole), std::min<int64_t>(nano, 999'999'999)};
}

void add(TimeBox& time, int64_t seconds, int64_t nanoseconds) {
  const int64_t total = int64_t{time.nanoseconds} + nanoseconds;
  const int64_t carry = total >= 1'000'000'000 ? 1 : total < 0 ? -1 : 0;
  time.nanoseconds = static_cast<uint32_t>(total - carry * 1'000'000'000);
  time.seconds += std::clamp(seconds, -2 * kSecondsMax, 2 * kSecondsMax) + carry;
}

mrb_value time_now(mrb_state* mrb, mrb_value self) {
  const Instant now = state_of(mrb).options->clock->now();
  return make(mrb, self, local(mrb, now.seconds, now.nanoseconds));
}

// Time.at(seconds or a time, more = 0, unit = :microsecond)
mrb_value time_at(mrb_state* mrb, mrb_value self) {
  mrb_value number, more = mrb_nil_value(), unit = mrb_nil_value();
  mrb_get_args(mrb, "o|oo", &number, &more, &unit);
  const Classes& classes = state_of(mrb).classes;
  if (is_a(number, classes.time) || is_a(number, classes.timestamp)) {
    const TimeBox& time = time_of(number);
    return make(mrb, self, local(mrb, time.seconds, time.nanoseconds));
  }
  const Span span = span_of(mrb, number);
  TimeBox time{span.seconds, static_cast<uint32_t>(span.nanoseconds), 0, 0};
  if (!mrb_nil_p(more) && !mrb_hash_p(more)) {
    const char* const name = mrb_symbol_p(unit) ? mrb_sym_name(mrb, mrb_symbol(unit)) : "";
    const double scale = std::string_view(name).starts_with("milli") ? 1e6
                         : std::string_view(name).starts_with("n")   ? 1
                                                                     : 1e3;
    const double nano = mrb_as_float(mrb, more) * scale;
    if (!(std::fabs(nano) < 1e18)) raise_text(mrb, E_RANGE_ERROR, "the time is out of range");
    const auto whole = static_cast<int64_t>(nano);
    add(time, whole / 1'000'000'000, whole % 1'000'000'000);
  }
  return make(mrb, self, local(mrb, time.seconds, time.nanoseconds));
}

// __civil(year, month, day, hour, minute, second, nanoseconds, offset): offset nil is the local
// zone, true is UTC.
mrb_value time_civil(mrb_state* mrb, mrb_value self) {
  mrb_int year, month, day, hour, minute, second, nano;
  mrb_value offset;
  mrb_get_args(mrb, "iiiiiiio", &year, &month, &day, &hour, &minute, &second, &nano, &offset);
  if (year < -9999 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 ||
      hour > 24 || minute < 0 || minute > 59 || second < 0 || second > 60 || nano < 0 ||
      nano > 999'999'999)
    raise_text(mrb, E_ARGUMENT_ERROR, "argument out of range");
  const int64_t seconds =
      seconds_of(year, static_cast<int>(month), static_cast<int>(day), static_cast<int>(hour),
                 static_cast<int>(minute), static_cast<int>(second));
  const auto fraction = static_cast<uint32_t>(nano);
  if (mrb_nil_p(offset))
    return make(mrb, self, local(mrb, local_zone(mrb).to_utc(seconds), fraction));
  const mrb_int east = mrb_integer_p(offset) ? mrb_integer(offset) : 0;
  if (east < -86400 || east > 86400) raise_text(mrb, E_ARGUMENT_ERROR, "utc_offset out of range");
  return make(
      mrb, self,
      TimeBox{seconds - east, fraction, static_cast<int32_t>(east), mrb_true_p(offset) ? 1u : 0u});
}

// __strptime(text, format): nil when it doesn't fit.
mrb_value time_strptime(mrb_state* mrb, mrb_value self) {
  mrb_value text, format;
  mrb_get_args(mrb, "SS", &text, &format);
  std::optional<ParsedTime> parsed;
  {
    Native native(mrb);
    parsed = strptime(view(text), view(format), state_of(mrb).options->clock->now().seconds);
  }
  if (!parsed) return mrb_nil_value();
  TimeBox time = parsed->time;
  if (!parsed->has_offset)
    time = local(mrb, local_zone(mrb).to_utc(time.seconds), time.nanoseconds);
  return make(mrb, self, time);
}

mrb_value time_strftime(mrb_state* mrb, mrb_value self) {
  mrb_value format;
  mrb_get_args(mrb, "S", &format);
  const TimeBox& time = time_of(self);
  const TimeZone& zone = local_zone(mrb);
  State& state = state_of(mrb);
  {
    Native native(mrb);
    state.scratch_text.clear();
    const bool is_local = time.offset == zone.offset_at(time.seconds);
    const std::string_view name = time.is_utc ? "UTC" : is_local ? zone.name_at(time.seconds) : "";
    strftime(time, view(format), name, state.scratch_text);
  }
  return make_string(mrb, state.scratch_text);
}

template <auto Member>
mrb_value time_part(mrb_state* mrb, mrb_value self) {
  return mrb_int_value(mrb, calendar_of(time_of(self)).*Member);
}

mrb_value time_nsec(mrb_state* mrb, mrb_value self) {
  return mrb_int_value(mrb, time_of(self).nanoseconds);
}
mrb_value time_usec(mrb_state* mrb, mrb_value self) {
  return mrb_int_value(mrb, time_of(self).nanoseconds / 1000);
}
mrb_value time_offset(mrb_state* mrb, mrb_value self) {
  return mrb_int_value(mrb, time_of(self).offset);
}
mrb_value time_is_utc(mrb_state*, mrb_value self) { return mrb_bool_value(time_of(self).is_utc); }
mrb_value time_to_i(mrb_state* mrb, mrb_value self) {
  return mrb_int_value(mrb, time_of(self).seconds);
}
mrb_value time_to_f(mrb_state* mrb, mrb_value self) {
  const TimeBox& time = time_of(self);
  return mrb_float_value(mrb, static_cast<double>(time.seconds) + time.nanoseconds / kNano);
}

mrb_value time_utc(mrb_state*, mrb_value self) {
  TimeBox& time = time_of(self);
  time.offset = 0;
  time.is_utc = 1;
  return self;
}
mrb_value time_getutc(mrb_state* mrb, mrb_value self) {
  const TimeBox& time = time_of(self);
  return like(mrb, self, TimeBox{time.seconds, time.nanoseconds, 0, 1});
}

// __localtime(offset): nil is the machine's zone.
mrb_value time_localtime(mrb_state* mrb, mrb_value self) {
  mrb_value offset;
  mrb_get_args(mrb, "o", &offset);
  TimeBox& time = time_of(self);
  if (mrb_nil_p(offset)) {
    time = local(mrb, time.seconds, time.nanoseconds);
  } else {
    time.offset = static_cast<int32_t>(std::clamp<mrb_int>(mrb_as_int(mrb, offset), -86400, 86400));
    time.is_utc = 0;
  }
  return self;
}

mrb_value time_copy(mrb_state* mrb, mrb_value self) { return like(mrb, self, time_of(self)); }

mrb_value time_plus(mrb_state* mrb, mrb_value self) {
  mrb_value number;
  mrb_get_args(mrb, "o", &number);
  const Span span = span_of(mrb, number);
  TimeBox time = time_of(self);
  add(time, span.seconds, span.nanoseconds);
  return like(mrb, self, time);
}

mrb_value time_minus(mrb_state* mrb, mrb_value self) {
  mrb_value other;
  mrb_get_args(mrb, "o", &other);
  const Classes& classes = state_of(mrb).classes;
  TimeBox time = time_of(self);
  if (is_a(other, classes.time) || is_a(other, classes.timestamp)) {
    const TimeBox& earlier = time_of(other);
    const double nano =
        static_cast<double>(time.nanoseconds) - static_cast<double>(earlier.nanoseconds);
    return mrb_float_value(mrb, static_cast<double>(time.seconds - earlier.seconds) + nano / kNano);
  }
  const Span span = span_of(mrb, other);
  add(time, -span.seconds, -span.nanoseconds);
  return like(mrb, self, time);
}

void define_parts(mrb_state* mrb, RClass* type) {
  const auto none = MRB_ARGS_NONE();
  const auto part = [&](const char* name, mrb_func_t function) {
    mrb_define_method(mrb, type, name, function, none);
  };
  part("year", time_part<&Calendar::year>);
  part("month", time_part<&Calendar::month>);
  part("mon", time_part<&Calendar::month>);
  part("day", time_part<&Calendar::day>);
  part("mday", time_part<&Calendar::day>);
  part("hour", time_part<&Calendar::hour>);
  part("min", time_part<&Calendar::minute>);
  part("minute", time_part<&Calendar::minute>);
  part("sec", time_part<&Calendar::second>);
  part("second", time_part<&Calendar::second>);
  part("wday", time_part<&Calendar::weekday>);
  part("yday", time_part<&Calendar::yearday>);
  part("nsec", time_nsec);
  part("tv_nsec", time_nsec);
  part("usec", time_usec);
  part("tv_usec", time_usec);
  part("utc_offset", time_offset);
  part("gmt_offset", time_offset);
  part("utc?", time_is_utc);
  part("gmt?", time_is_utc);
  part("to_i", time_to_i);
  part("tv_sec", time_to_i);
  part("to_f", time_to_f);
}

}  // namespace

void define_time(mrb_state* mrb) {
  RClass* const type = mrb_define_class(mrb, "Time", mrb->object_class);
  state_of(mrb).classes.time = type;
  use_boxes(type);
  mrb_include_module(mrb, type, mrb_module_get(mrb, "Comparable"));
  const auto none = MRB_ARGS_NONE(), one = MRB_ARGS_REQ(1);
  mrb_define_class_method(mrb, type, "now", time_now, MRB_ARGS_ANY());
  mrb_define_class_method(mrb, type, "at", time_at, MRB_ARGS_ARG(1, 2));
  mrb_define_class_method(mrb, type, "__civil", time_civil, MRB_ARGS_REQ(8));
  mrb_define_class_method(mrb, type, "__strptime", time_strptime, MRB_ARGS_REQ(2));
  define_parts(mrb, type);
  mrb_define_method(mrb, type, "strftime", time_strftime, one);
  mrb_define_method(mrb, type, "utc", time_utc, none);
  mrb_define_method(mrb, type, "gmtime", time_utc, none);
  mrb_define_method(mrb, type, "getutc", time_getutc, none);
  mrb_define_method(mrb, type, "getgm", time_getutc, none);
  mrb_define_method(mrb, type, "__localtime", time_localtime, one);
  mrb_define_method(mrb, type, "dup", time_copy, none);
  mrb_define_method(mrb, type, "clone", time_copy, none);
  mrb_define_method(mrb, type, "+", time_plus, one);
  mrb_define_method(mrb, type, "-", time_minus, one);
}

}  // namespace penstock::ruby
