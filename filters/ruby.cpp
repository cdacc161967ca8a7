#include "filters/ruby.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "filters/ruby/interpreter.h"
#include "filters/ruby/settings.h"
#include "filters/support/config_value.h"
#include "pipeline/base/log.h"
#include "pipeline/config/declare.h"

namespace penstock {
namespace {

using ruby::Argument;
using ruby::Ending;
using ruby::Interpreter;

constexpr Option kOptions[] = {
    {"code", OptionType::string, "", "Ruby to run for each event, which is `event` there."},
    {"init", OptionType::string, "", "Ruby to run once, before the first event, with `code`."},
    {"path", OptionType::path, "",
     "A script file instead of `code`: it defines filter(event), which gives a list of events, and "
     "if need be register(params)."},
    {"script_params", OptionType::hash, "{}", "What the script's register(params) gets."},
    {"tag_on_exception", OptionType::string, "_rubyexception",
     "The tag for events at which the script failed."},
    {"tag_with_exception_message", OptionType::boolean, "false",
     "Whether such events get a second tag, with the exception's message."},
    own({"time_limit", OptionType::duration, "5s",
         "Processor time that the script may take for one event. Beyond it the event is tagged and "
         "the "
         "script starts anew, `init` or register(params) included. Not in Logstash."}),
    own({"memory_limit", OptionType::bytes, "128mib",
         "Memory of each worker's interpreter. Not in Logstash."}),
    own({"allow_read", OptionType::strings, "[]",
         "Files, and folders with all below them, that the script may read with File.read and the "
         "like. Not in Logstash, where scripts may do anything."}),
};

constexpr size_t kScriptBytesMax = size_t{4} << 20;
constexpr auto kLogPeriod = std::chrono::seconds(1);

class Ruby : public Filter {
 public:
  Ruby(const Settings& settings, const Context& context)
      : clock_(context.clock),
        tag_(settings.string("tag_on_exception")),
        with_message_(settings.boolean("tag_with_exception_message")),
        label_(context.plugin_id.empty() ? "ruby" : context.plugin_id) {
    if (const ConfigValue* params = settings.value("script_params"))
      params_ = value_of(params_arena_, *params);
    context.metrics->counter("failures", "Events at which the script failed.", {}, failures_);
    context.metrics->counter("timeouts", "Events at which it was cut off by time_limit.", {},
                             timeouts_);
  }

  // The error's place is in the user's file.
  Result<std::monostate> start(ruby::Program program, const ruby::Options& options, bool script) {
    script_ = script;
    TRY(interpreter_, Interpreter::make(std::move(program), options));
    return register_script();
  }

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    interpreter_->begin(batch);
    for (const Row row : rows) {
      const auto called = interpreter_->call(0, {Argument::event(row), Argument::emitter()});
      if (called.ending == Ending::ok) {
        matched.push_back(row);
      } else {
        fail(batch[row], called.ending);
      }
      if (called.cancelled) batch.drop(row, DropReason::filter);
      if (called.ending == Ending::cut_off) restart(batch);
    }
    while (!matched.empty() && !batch[matched.back()].alive()) matched.pop_back();
  }

 private:
  // Events that a script's register() or its tests make live in a batch of their own.
  Status register_script() {
    if (!script_) return ok_status();
    Batch batch;
    interpreter_->begin(batch);
    const ruby::Held params = interpreter_->hold(params_);
    const auto called = interpreter_->call(1, {Argument::held(params)});
    interpreter_->drop(params);
    if (called.ending == Ending::ok) return ok_status();
    return Error{Errc::bad_config, interpreter_->failure(), {}};
  }

  void restart(Batch& batch) {
    (void)register_script();
    interpreter_->begin(batch);
  }

  void fail(Event& event, Ending ending) {
    failures_.add();
    if (ending == Ending::cut_off) timeouts_.add();
    if (ending == Ending::unusable) {
      event.tag(tag_);
      return;
    }
    if (with_message_) event.tag(fmt::format("{}: {}", tag_, interpreter_->message()));
    event.tag(tag_);
    const auto now = clock_->steady();
    if (logged_ && now - *logged_ < kLogPeriod) return;
    log::error("ruby", "{}: {}; {} events failed so far", label_, interpreter_->failure(),
               failures_.value());
    logged_ = now;
  }

  const Clock* clock_;
  std::string tag_;
  bool with_message_;
  std::string label_;
  bool script_ = false;
  Arena params_arena_;
  Value params_ = Value::object();
  std::unique_ptr<Interpreter> interpreter_;
  Counter failures_, timeouts_;
  std::optional<std::chrono::steady_clock::time_point> logged_;
};

Result<std::string> read_script(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{Errc::bad_config, fmt::format("{}: {}", path, errno_text(errno)), {}};
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.size() > kScriptBytesMax)
    return Error{Errc::bad_config, fmt::format("{}: the script is too long", path), {}};
  return text;
}

Result<ruby::Program> inline_program(const Settings& settings) {
  ruby::Program program;
  if (settings.has("init")) program.init = ruby::source_of(settings, "init");
  program.snippets.push_back({ruby::source_of(settings, "code"), {"event", "new_event_block"}});
  return program;
}

Result<ruby::Program> script_program(const Settings& settings) {
  const std::string path = settings.string("path");
  auto text = read_script(path);
  if (!text.ok()) return settings.error("path", text.error().message);
  ruby::Program program;
  const Where here = settings.where("path");
  program.init = {std::move(text).value(), {path, 1, 1}};
  program.snippets.push_back(
      {{"__run_script(event, new_event_block)", here}, {"event", "new_event_block"}});
  program.snippets.push_back({{"__start_script(params)", here}, {"params"}});
  return program;
}

// What a script may do in Logstash and not here, as program_check.cpp and files_binding.cpp say it.
bool is_only_of_logstash(std::string_view message) {
  return message.find("scripts can't require") != message.npos ||
         message.find("scripts know no") != message.npos ||
         message.find("scripts may read only") != message.npos;
}

Result<std::unique_ptr<Filter>> make_ruby(const Settings& settings, const Context& context) {
  const bool script = settings.has("path");
  if (script == settings.has("code"))
    return settings.error(script ? "path" : "code",
                          "give either `code` or `path`: Ruby to run, or a file that has it");
  TRY(auto program, script ? script_program(settings) : inline_program(settings));
  ruby::Options options = ruby::options_of(settings, context);
  options.readable = settings.strings("allow_read");
  auto filter = std::make_unique<Ruby>(settings, context);
  auto started = filter->start(std::move(program), options, script);
  if (!started.ok()) {
    Error error = ruby::placed(started.error(), settings, script ? "path" : "code");
    if (is_only_of_logstash(error.message)) error.code = Errc::refused;
    return error;
  }
  return std::unique_ptr<Filter>(std::move(filter));
}

}  // namespace

FilterPlugin ruby_filter() {
  return {{"ruby", "Runs Ruby over each event.", kOptions,
           "Runs on mruby: no files but those allowed, no sockets, processes, Java classes or "
           "gems; integers end at 64 bits."},
          make_ruby};
}

}  // namespace penstock
