// Interpreter: one mruby machine for one filter instance, with Logstash's Event API and the part
// of Ruby's library that log pipelines use. It has no files, processes or network; its memory and
// the time of each call are bounded.
//
//   Program program;
//   program.init = {"@seen = {}", where};
//   program.snippets.push_back({{"event.set('a', 1)", where}, {"event"}});
//   TRY(auto ruby, Interpreter::make(std::move(program), options));   // when the filter is made
//   ruby->begin(batch);                                               // in each apply() or tick()
//   auto called = ruby->call(0, {Argument::event(row)});              // per event
//
// A snippet sees its parameters as local variables and `return` leaves it. Instance variables (@x)
// belong to the interpreter and live as long. Scripts can't keep an event beyond the batch (using
// it later raises), so what they keep are copies.
//
// A script cut off by the time limit leaves nothing that can be trusted: the interpreter starts
// anew, init included; generation() tells, and what was held is gone.
//
// One thread at a time. A call costs about 0.2 us beside what the script does.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/clock.h"
#include "pipeline/base/result.h"
#include "pipeline/event/batch.h"

namespace penstock::ruby {

// Bounds of one interpreter, unless Options say otherwise.
inline constexpr size_t kMemoryBytesMax = size_t{128} << 20;
inline constexpr uint32_t kTimeLimitMs = 5000;

// Ruby text and the place of its first character in the user's files, for messages.
struct Source {
  std::string text;
  Where where;
};

struct Program {
  struct Snippet {
    Source source;
    std::vector<std::string> parameters;
  };
  Source init;  // run once; "" is nothing
  std::vector<Snippet> snippets;
};

struct Options {
  size_t memory_bytes_max = kMemoryBytesMax;
  uint32_t time_limit_ms = kTimeLimitMs;
  const Clock* clock = &Clock::system();
  std::string plugin = "ruby";  // the speaker of log lines
  // Files, and folders with all below them, that scripts may read. Absolute paths.
  std::vector<std::string> readable;
};

// A Ruby object that the caller keeps between calls. Valid for one generation.
using Held = uint32_t;

struct Argument {
  enum class Kind : uint8_t { nil, event, held, emitter } kind = Kind::nil;
  uint32_t number = 0;  // the row, or the Held

  static Argument event(Row row) { return {Kind::event, row}; }
  static Argument held(Held object) { return {Kind::held, object}; }
  // A proc that appends the event it is called with to the batch: new_event_block. The rows are
  // children of the call's event.
  static Argument emitter() { return {Kind::emitter, 0}; }
};

enum class Ending : uint8_t {
  ok,
  raised,    // an exception that the script didn't rescue
  cut_off,   // over the time limit; the interpreter starts anew
  unusable,  // it couldn't be started anew
};

struct Called {
  Ending ending = Ending::ok;
  bool cancelled = false;  // event.cancel was called on the event argument
};

class Interpreter {
 public:
  // Errors: syntax, names that nothing defines, an init that raises; each with its place.
  static Result<std::unique_ptr<Interpreter>> make(Program program, Options options);
  ~Interpreter();

  // Events belong to this batch from now on; references to earlier ones end.
  void begin(Batch& batch);

  Called call(size_t snippet, std::initializer_list<Argument> arguments);
  // Of the last call that didn't end ok: Ruby's message, and the same with the exception's class
  // and where it was raised.
  const std::string& message() const;
  std::string failure() const;

  // Starts with 0 and rises whenever the interpreter was started anew.
  uint32_t generation() const;

  // New objects to keep. drop() lets go.
  Held hold_hash();
  Held hold(const Value& value);
  void drop(Held held);
  // A copy in the batch's arena; null when it holds what an event can't.
  Value read(Held held);

  size_t memory_bytes() const;

 private:
  struct Machine;
  explicit Interpreter(std::unique_ptr<Machine> machine);
  std::unique_ptr<Machine> machine_;
};

}  // namespace penstock::ruby
