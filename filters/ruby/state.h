// What the bindings share: one State per interpreter, reached through mrb->ud.
//
// Rules of bindings, all of which follow from mruby's exceptions and the time limit being longjmp:
//   - nothing with a destructor lives across a call that may raise or run Ruby code;
//   - whatever touches an event, or memory that isn't mruby's, does so under a Native, and doesn't
//     raise there;
//   - no Ruby object owns memory outside of the Heap.
#pragma once

#include <mruby.h>
#include <mruby/array.h>
#include <mruby/class.h>
#include <mruby/data.h>
#include <mruby/error.h>
#include <mruby/hash.h>
#include <mruby/istruct.h>
#include <mruby/proc.h>
#include <mruby/range.h>
#include <mruby/string.h>
#include <mruby/variable.h>

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "filters/ruby/interpreter.h"
#include "filters/ruby/time_limit.h"
#include "pipeline/base/byte_buffer.h"
#include "pipeline/base/regex.h"
#include "pipeline/event/date_format.h"
#include "pipeline/event/event.h"
#include "pipeline/event/interpolate.h"
#include "pipeline/event/json_reader.h"

namespace penstock::ruby {

struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <class T>
using TextMap = std::unordered_map<std::string, T, StringHash, std::equal_to<>>;

// Texts of a script that are parsed once: field references, templates. Forgotten all at once when
// there are too many, which happens only when a script makes them up.
inline constexpr size_t kParsedTextsMax = 1024;

// A regular expression that Ruby objects point to. Entries that none points to may go.
struct RegexEntry {
  std::shared_ptr<const Regex> regex;
  std::string source;
  uint32_t flags = 0;  // Ruby's: 1 i, 2 x, 4 m
  uint32_t uses = 0;
};
inline constexpr size_t kRegexesMax = 2000;

// Which of the match variables the script reads; the others needn't be set.
struct MatchWishes {
  bool last = false;    // $~ and what is made of it
  bool around = false;  // $&, $` and $'
  uint32_t groups = 0;  // bit n: $n
};

struct Classes {
  RClass* logstash = nullptr;
  RClass* event = nullptr;
  RClass* timestamp = nullptr;
  RClass* timestamp_error = nullptr;
  RClass* time = nullptr;
  RClass* regexp = nullptr;
  RClass* match = nullptr;
  RClass* regexp_error = nullptr;
};

struct State {
  TimeLimit* limit = nullptr;
  const Options* options = nullptr;
  Batch* batch = nullptr;
  uint32_t epoch = 0;  // of the batch: events of earlier ones are gone
  Row row = 0;         // the current call's event
  bool has_row = false;
  Classes classes;
  TextMap<std::optional<FieldRef>> fields;
  TextMap<std::optional<Template>> templates;
  TextMap<std::unique_ptr<RegexEntry>> regexes;  // key: flags, then the source
  Regex::Match match;
  MatchWishes wishes;
  std::shared_ptr<const TimeZone> zone;  // the machine's, once it was asked for
  std::unique_ptr<JsonReader> json;
  Arena json_arena;  // of one JSON.parse or to_json
  // Where text is made under a Native before it becomes a Ruby string; dead with the next use.
  ByteBuffer scratch;
  std::string scratch_text;
};

inline State& state_of(mrb_state* mrb) { return *static_cast<State*>(mrb->ud); }

class Native : public TimeLimit::Native {
 public:
  explicit Native(mrb_state* mrb) : TimeLimit::Native(*state_of(mrb).limit) {}
};

// What the Ruby objects hold, inside of mruby's inline structs (three words).
struct EventBox {
  Event* own;  // an event that a script made, in the batch's arena; nullptr: the row
  uint32_t row;
  uint32_t epoch;
  uint32_t cancelled;
};
struct TimeBox {
  int64_t seconds;
  uint32_t nanoseconds;
  int32_t offset;  // seconds east of UTC
  uint32_t is_utc;
};

// Objects of `type` are boxes.
inline void use_boxes(RClass* type) {
  type->flags = ((type->flags & ~uint32_t{MRB_INSTANCE_TT_MASK}) | MRB_TT_ISTRUCT) & 0x1fffff;
}
template <class Box>
Box& box(mrb_value object) {
  static_assert(sizeof(Box) <= ISTRUCT_DATA_SIZE);
  return *static_cast<Box*>(mrb_istruct_ptr(object));
}
inline bool is_a(mrb_value object, const RClass* type) {
  if (!mrb_istruct_p(object)) return false;
  const RClass* of = static_cast<RBasic*>(mrb_ptr(object))->c;
  while (of && of != type) of = of->super;
  return of != nullptr;
}
template <class Box>
mrb_value make_box(mrb_state* mrb, RClass* type, const Box& content) {
  RBasic* object = mrb_obj_alloc(mrb, MRB_TT_ISTRUCT, type);
  const mrb_value value = mrb_obj_value(object);
  box<Box>(value) = content;
  return value;
}

inline std::string_view view(mrb_value string) {
  return {RSTRING_PTR(string), static_cast<size_t>(RSTRING_LEN(string))};
}
inline mrb_value make_string(mrb_state* mrb, std::string_view text) {
  return mrb_str_new(mrb, text.data(), static_cast<mrb_int>(text.size()));
}

// Values of events as Ruby objects (copies), and back. to_event() gives nullptr when all is well
// and else what a message says; needs a Native.
mrb_value from_event(mrb_state* mrb, const Value& value);
const char* to_event(mrb_state* mrb, mrb_value object, Arena& arena, Value& out);

// The event that `self` stands for; raises when its batch is over.
Event& event_of(mrb_state* mrb, mrb_value self);
mrb_value make_event(mrb_state* mrb, Row row);
// The proc behind new_event_block.
mrb_value make_emitter(mrb_state* mrb);

mrb_value make_timestamp(mrb_state* mrb, Instant instant);

[[noreturn]] void raise_text(mrb_state* mrb, RClass* type, const char* text);

// Each defines its classes.
void define_event(mrb_state* mrb);
void define_timestamp(mrb_state* mrb);
void define_kernel(mrb_state* mrb);
void define_regexp(mrb_state* mrb);
void define_regexp_strings(mrb_state* mrb);
void define_strings(mrb_state* mrb);
void define_time(mrb_state* mrb);
void define_json(mrb_state* mrb);
void define_digests(mrb_state* mrb);
void define_files(mrb_state* mrb);

}  // namespace penstock::ruby
