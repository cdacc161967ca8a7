#include "filters/ruby/interpreter.h"

#include <fmt/format.h>

#include "filters/ruby/heap.h"
#include "filters/ruby/loader.h"
#include "filters/ruby/state.h"
#include "pipeline/base/text.h"

namespace penstock::ruby {
namespace {

// Full collections once the heap is this full after a call: garbage is cheaper than a script that
// fails for want of memory.
constexpr size_t kCollectAtPercent = 50;
constexpr size_t kMessageBytesMax = 1000;  // of an exception

}  // namespace

struct Interpreter::Machine {
  Machine(Program p, Options o)
      : program(std::move(p)),
        options(std::move(o)),
        heap(options.memory_bytes_max),
        limit(options.time_limit_ms) {}
  ~Machine() { stop(); }

  std::optional<Error> start();
  void stop();
  // Runs body(*this) under the time limit and Ruby's exceptions.
  Ending protect(void (*body)(Machine&));

  Program program;
  Options options;
  Heap heap;
  TimeLimit limit;
  State state;
  mrb_state* mrb = nullptr;
  mrb_value snippets{};  // an array of procs
  mrb_value held{};      // an array of what the caller keeps
  mrb_value emitter{};
  std::vector<Held> held_free;
  uint32_t held_count = 0;
  uint32_t generation = 0;
  bool usable = false;

  // Between protect() and its body.
  size_t snippet = 0;
  std::span<const Argument> arguments;
  mrb_value result{};
  bool cancelled = false;
  Value* value = nullptr;
  std::vector<LoadFault> faults;

  std::string message, exception_class, trace;
  std::string failure() const;

 private:
  struct Body {
    Machine* machine;
    void (*run)(Machine&);
    bool raised;
  };
  static void run_limited(void* data);
  static mrb_value run_body(mrb_state* mrb, void* data);
  static void* allocate(mrb_state* mrb, void* block, size_t size, void* data);
  static void load_all(Machine& machine);
  void load_snippets();
  // A program that was looked through once isn't again when the machine starts anew.
  Author author() const { return generation == 0 ? Author::user : Author::user_again; }
  void describe(mrb_value exception);
  Error fault() const;
};

void* Interpreter::Machine::allocate(mrb_state*, void* block, size_t size, void* data) {
  auto& machine = *static_cast<Machine*>(data);
  TimeLimit::Native native(machine.limit);
  return machine.heap.resize(block, size);
}

mrb_value Interpreter::Machine::run_body(mrb_state*, void* data) {
  const auto& body = *static_cast<Body*>(data);
  body.run(*body.machine);
  return mrb_nil_value();
}

void Interpreter::Machine::run_limited(void* data) {
  auto& body = *static_cast<Body*>(data);
  Machine& machine = *body.machine;
  const int arena = mrb_gc_arena_save(machine.mrb);
  mrb_bool failed = FALSE;
  mrb_value exception = mrb_protect_error(machine.mrb, run_body, data, &failed);
  if (!failed && machine.mrb->exc) {
    exception = mrb_obj_value(machine.mrb->exc);
    failed = TRUE;
  }
  machine.mrb->exc = nullptr;
  body.raised = failed;
  if (failed) machine.describe(exception);
  mrb_gc_arena_restore(machine.mrb, arena);
}

namespace {

struct Question {
  mrb_value object;
  const char* method;
};

mrb_value ask(mrb_state* mrb, void* data) {
  const auto& question = *static_cast<Question*>(data);
  return mrb_funcall(mrb, question.object, question.method, 0);
}

// A method's string, or `otherwise` when it has none to give.
void text_of(mrb_state* mrb, mrb_value object, const char* method, std::string& out) {
  Question question{object, method};
  mrb_bool failed = FALSE;
  const mrb_value answer = mrb_protect_error(mrb, ask, &question, &failed);
  mrb->exc = nullptr;
  Native native(mrb);
  const std::string_view text = !failed && mrb_string_p(answer) ? view(answer) : std::string_view();
  // It may become a tag, so it must be well-formed; and it may hold any part of an event.
  out = replace_invalid_utf8(text.substr(0, kMessageBytesMax));
}

}  // namespace

void Interpreter::Machine::describe(mrb_value exception) {
  const char* const name = mrb_obj_classname(mrb, exception);
  {
    Native native(mrb);
    exception_class = name ? name : "Exception";
  }
  text_of(mrb, exception, "message", message);
  text_of(mrb, exception, "__place", trace);
}

Ending Interpreter::Machine::protect(void (*run)(Machine&)) {
  Body body{this, run, false};
  if (limit.run(run_limited, &body)) return body.raised ? Ending::raised : Ending::ok;
  // Nothing in the heap can be trusted, not even enough to be closed.
  heap.release();
  mrb = nullptr;
  message =
      fmt::format("the script ran for more than {} ms and was cut off", options.time_limit_ms);
  exception_class = "Timeout";
  trace.clear();
  return Ending::cut_off;
}

void Interpreter::Machine::load_snippets() {
  for (const Program::Snippet& snippet_text : program.snippets) {
    // The text must not be lost when Ruby raises: it is the state's.
    std::string& text = state.scratch_text;
    {
      Native native(mrb);
      text = "lambda do |";
      for (const std::string& name : snippet_text.parameters)
        text.append(&name == &snippet_text.parameters.front() ? "" : ", ").append(name);
      text.append("| ").append(snippet_text.source.text).append("\nend");
    }
    mrb_value made = mrb_nil_value();
    if (!load(mrb, text, snippet_text.source.where, author(), made, faults) || mrb->exc) return;
    mrb_ary_push(mrb, snippets, made);
  }
}

void Interpreter::Machine::load_all(Machine& machine) {
  mrb_state* const mrb = machine.mrb;
  define_all(mrb);
  machine.snippets = mrb_ary_new(mrb);
  mrb_gc_register(mrb, machine.snippets);
  machine.held = mrb_ary_new(mrb);
  mrb_gc_register(mrb, machine.held);
  machine.emitter = make_emitter(mrb);
  mrb_gc_register(mrb, machine.emitter);
  mrb_value ignored = mrb_nil_value();
  static const Where kPrelude{"prelude", 1, 1};
  if (!load(mrb, prelude(), kPrelude, Author::penstock, ignored, machine.faults) || mrb->exc)
    return;
  if (!machine.program.init.text.empty())
    if (!load(mrb, machine.program.init.text, machine.program.init.where, machine.author(), ignored,
              machine.faults) ||
        mrb->exc)
      return;
  machine.load_snippets();
}

std::string Interpreter::Machine::failure() const {
  return fmt::format("{} ({}){}{}", message, exception_class, trace.empty() ? "" : " at ", trace);
}

Error Interpreter::Machine::fault() const {
  if (!faults.empty()) {
    // One error has one place: the first's. The others follow with theirs.
    std::string text = faults.front().message;
    for (size_t i = 1; i < faults.size(); ++i)
      text += fmt::format("; line {}: {}", faults[i].where.line, faults[i].message);
    return {Errc::bad_config, std::move(text), faults.front().where};
  }
  return {Errc::bad_config, failure(), program.init.where};
}

std::optional<Error> Interpreter::Machine::start() {
  stop();
  state.~State();
  new (&state) State();
  state.limit = &limit;
  state.options = &options;
  held_free.clear();
  held_count = 0;
  faults.clear();
  mrb = mrb_open_core(allocate, this);
  if (!mrb) return Error{Errc::bad_config, "the memory limit is too small for the interpreter", {}};
  mrb->ud = &state;
  const Ending ending = protect(load_all);
  usable = ending == Ending::ok && faults.empty();
  if (usable) return std::nullopt;
  return fault();
}

void Interpreter::Machine::stop() {
  usable = false;
  mrb = nullptr;
  heap.release();  // nothing in it owns anything outside
}

Interpreter::Interpreter(std::unique_ptr<Machine> machine) : machine_(std::move(machine)) {}
Interpreter::~Interpreter() = default;

Result<std::unique_ptr<Interpreter>> Interpreter::make(Program program, Options options) {
  auto machine = std::make_unique<Machine>(std::move(program), std::move(options));
  if (auto error = machine->start()) return *error;
  return std::unique_ptr<Interpreter>(new Interpreter(std::move(machine)));
}

void Interpreter::begin(Batch& batch) {
  machine_->state.batch = &batch;
  ++machine_->state.epoch;
}

Called Interpreter::call(size_t snippet, std::initializer_list<Argument> arguments) {
  static constexpr size_t kArgumentsMax = 8;
  CHECK(arguments.size() <= kArgumentsMax, "a snippet has few parameters");
  Machine& machine = *machine_;
  if (!machine.usable) return {Ending::unusable, false};
  machine.snippet = snippet;
  machine.arguments = {arguments.begin(), arguments.size()};
  machine.cancelled = false;
  machine.state.has_row = false;
  const Ending ending = machine.protect([](Machine& m) {
    mrb_value values[kArgumentsMax];
    mrb_value event = mrb_nil_value();
    size_t count = 0;
    for (const Argument& argument : m.arguments) {
      mrb_value& value = values[count++] = mrb_nil_value();
      if (argument.kind == Argument::Kind::event) {
        m.state.row = argument.number;
        m.state.has_row = true;
        value = event = make_event(m.mrb, argument.number);
      } else if (argument.kind == Argument::Kind::held) {
        value = mrb_ary_ref(m.mrb, m.held, argument.number);
      } else if (argument.kind == Argument::Kind::emitter) {
        value = m.emitter;
      }
    }
    const mrb_value proc = mrb_ary_ref(m.mrb, m.snippets, static_cast<mrb_int>(m.snippet));
    mrb_yield_with_class(m.mrb, proc, static_cast<mrb_int>(count), values, mrb_top_self(m.mrb),
                         m.mrb->object_class);
    if (!mrb_nil_p(event)) m.cancelled = box<EventBox>(event).cancelled != 0;
  });
  const Called called{ending, machine.cancelled};
  if (ending == Ending::cut_off) {
    Batch* const batch = machine.state.batch;
    const std::string message = machine.message, type = machine.exception_class;
    ++machine.generation;
    machine.start();
    machine.message = message;
    machine.exception_class = type;
    machine.state.batch = batch;
    machine.state.epoch = 1;
  } else if (machine.heap.bytes() > machine.heap.bytes_max() / 100 * kCollectAtPercent) {
    mrb_full_gc(machine.mrb);
  }
  return called;
}

const std::string& Interpreter::message() const { return machine_->message; }
std::string Interpreter::failure() const { return machine_->failure(); }
uint32_t Interpreter::generation() const { return machine_->generation; }
size_t Interpreter::memory_bytes() const { return machine_->heap.bytes(); }

Held Interpreter::hold(const Value& value) {
  Machine& machine = *machine_;
  Held number = machine.held_count;
  if (!machine.held_free.empty()) {
    number = machine.held_free.back();
    machine.held_free.pop_back();
  } else {
    ++machine.held_count;
  }
  Value copy = value;
  machine.value = &copy;
  machine.snippet = number;
  if (machine.usable)
    machine.protect([](Machine& m) {
      mrb_ary_set(m.mrb, m.held, static_cast<mrb_int>(m.snippet), from_event(m.mrb, *m.value));
    });
  return number;
}

Held Interpreter::hold_hash() { return hold(Value::object()); }

void Interpreter::drop(Held held) {
  Machine& machine = *machine_;
  if (machine.usable && held < static_cast<size_t>(RARRAY_LEN(machine.held)))
    mrb_ary_set(machine.mrb, machine.held, held, mrb_nil_value());
  machine.held_free.push_back(held);
}

Value Interpreter::read(Held held) {
  Machine& machine = *machine_;
  Value out;
  if (!machine.usable || !machine.state.batch) return out;
  const mrb_value object = mrb_ary_ref(machine.mrb, machine.held, held);
  if (to_event(machine.mrb, object, machine.state.batch->arena(), out)) out = Value::null();
  return out;
}

}  // namespace penstock::ruby
