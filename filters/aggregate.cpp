// When maps begin and end, and which events come of it: logstash-filter-aggregate (aggregate.rb).
// Expired maps are looked for at every tick, where Logstash waits for half of the inactivity
// timeout.
#include "filters/aggregate.h"

#include <algorithm>

#include "filters/aggregate/group.h"
#include "filters/ruby/settings.h"
#include "filters/shared_state.h"
#include "filters/support/set_field.h"
#include "pipeline/base/log.h"
#include "pipeline/config/declare.h"

namespace penstock {
namespace {

using aggregate::Group;
using aggregate::Pattern;
using aggregate::seconds_of;
using aggregate::Task;
using ruby::Argument;
using ruby::Ending;

constexpr std::string_view kActions[] = {"create", "update", "create_or_update"};
constexpr double kDefaultTimeout = 1800;
constexpr std::string_view kExceptionTag = "_aggregateexception";
constexpr std::string_view kFinalTag = "_aggregatefinalflush";
constexpr auto kLogPeriod = std::chrono::seconds(1);

constexpr Option kOptions[] = {
    {"task_id", OptionType::string, "",
     "What events of one task share, with %{...}. An event without it passes.", true},
    {"code", OptionType::string, "",
     "Ruby to run for each event: it sees `event`, `map` (the task's hash), `map_meta` and "
     "`new_event_block`.",
     true},
    {"map_action", OptionType::choice, "create_or_update",
     "Whether the event starts a map, goes on with one that is there, or either.", false, kActions},
    {"end_of_task", OptionType::boolean, "false", "Whether the map goes after this event."},
    {"aggregate_maps_path", OptionType::string, "",
     "A file that maps are kept in between two runs; for one filter of a pipeline."},
    {"timeout", OptionType::number, "",
     "Seconds after which a map expires, by default 1800. Options about time belong to one filter "
     "per task_id."},
    {"inactivity_timeout", OptionType::number, "",
     "Seconds since the last event after which a map expires, by default `timeout`."},
    {"timeout_code", OptionType::string, "", "Ruby to run on the event made of an expired map."},
    {"push_map_as_event_on_timeout", OptionType::boolean, "false",
     "Whether an expired map becomes an event."},
    {"push_previous_map_as_event", OptionType::boolean, "false",
     "Whether the map before becomes an event when a new one starts."},
    {"timeout_timestamp_field", OptionType::field, "",
     "A timestamp of the event that says what time it is, instead of the clock."},
    {"timeout_task_id_field", OptionType::field, "",
     "The field of events made of maps that takes the task's id."},
    {"timeout_tags", OptionType::strings, "[]", "Tags for events made of maps."},
    {"map_count_warning_threshold", OptionType::integer, "5000",
     "With how many maps a warning is logged; 0: never."},
    own({"time_limit", OptionType::duration, "5s",
         "Processor time that the code may take for one event. Beyond it all maps are lost. Not in "
         "Logstash."}),
    own({"memory_limit", OptionType::bytes, "128mib",
         "Memory for the maps of all aggregate filters of the pipeline. Not in Logstash."}),
};

struct Metrics {
  Counter code_errors, timeout_code_errors, task_timeouts, pushed_events, lost_maps;
};

class Aggregate : public Filter {
 public:
  struct Parts {
    std::shared_ptr<Group> group;
    Template task_id;
    size_t code = 0, timeout_code = 0;  // snippets
    bool has_timeout_code = false;
    bool wants_meta = false;
    std::string filter;  // its id
    uint32_t workers = 1;
    const Clock* clock = nullptr;
  };
  Aggregate(Parts parts, const Settings& settings)
      : parts_(std::move(parts)),
        pattern_(parts_.group->pattern(parts_.task_id.text())),
        creates_(settings.string("map_action") != "update"),
        updates_(settings.string("map_action") != "create"),
        end_of_task_(settings.boolean("end_of_task")),
        push_expired_(settings.boolean("push_map_as_event_on_timeout")),
        push_previous_(settings.boolean("push_previous_map_as_event")),
        tags_(settings.strings("timeout_tags")),
        threshold_(settings.integer("map_count_warning_threshold")) {
    timeout_ = settings.is_given("timeout") ? settings.number("timeout") : kDefaultTimeout;
    inactivity_timeout_ =
        settings.is_given("inactivity_timeout") ? settings.number("inactivity_timeout") : timeout_;
    if (settings.is_given("timeout_timestamp_field"))
      time_field_ = settings.field("timeout_timestamp_field");
    if (settings.is_given("timeout_task_id_field"))
      id_field_ = settings.field("timeout_task_id_field");
  }

  void register_metrics(MetricScope& scope) {
    scope.counter("code_errors", "Events at which the code failed.", {}, metrics_.code_errors);
    scope.counter("timeout_code_errors", "Events made of maps at which timeout_code failed.", {},
                  metrics_.timeout_code_errors);
    scope.counter("task_timeouts", "Maps that expired.", {}, metrics_.task_timeouts);
    scope.counter("pushed_events", "Events made of maps.", {}, metrics_.pushed_events);
    scope.counter("lost_maps", "Maps lost because code ran too long.", {}, metrics_.lost_maps);
  }

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    const auto lock = parts_.group->lock();
    ruby_ = parts_.group->interpreter(batch);
    now_ = seconds_of(parts_.clock->now());
    for (const Row row : rows) {
      if (run(batch, row)) matched.push_back(row);
      if (!waiting_.empty()) make_events(batch, [&] { return batch.append_child(row); });
    }
  }

  bool wants_tick() const override { return true; }
  bool held_get_common_options() const override { return false; }
  void tick(Batch& out, std::chrono::steady_clock::time_point now) override {
    (void)now;
    const auto lock = parts_.group->lock();
    if (pattern_.owner != parts_.filter) return;
    expire(out);
    make_events(out, [&] { return out.append(); });
  }
  void finish(Batch& out) override {
    const auto lock = parts_.group->lock();
    if (!parts_.group->end_worker(parts_.filter, parts_.workers)) return;
    const Row before = out.size();
    if (pattern_.owner == parts_.filter) {
      expire(out);
      if (push_previous_ && !pattern_.tasks.empty() && ruby_)
        waiting_.push_back(take(pattern_.tasks.oldest()));
      make_events(out, [&] { return out.append(); });
    }
    for (Row row = before; row < out.size(); ++row) out[row].tag(kFinalTag);
    if (const Status saved = parts_.group->save(parts_.filter, out); !saved.ok())
      log::error("aggregate", "{}", saved.error().message);
  }

 private:
  // A map on its way to become an event.
  struct Ended {
    std::string id;
    ruby::Held map;
  };

  // Whether the code ran well.
  bool run(Batch& batch, Row row) {
    const std::string id = parts_.task_id.render(batch[row]);
    if (id == parts_.task_id.text()) return false;
    if (!ruby_) {
      batch[row].tag(kExceptionTag);
      return false;
    }
    warn_of_many();
    const double time = time_of(batch[row]);
    if (time_field_) expire_by_events(id, time);
    Task* task = pattern_.tasks.find(id);
    if (task ? !updates_ : !creates_) return false;
    if (!task) task = &start(id, time);
    task->last = now_;
    task->last_by_events = time;
    const bool good = call(batch, row, *task);
    if (pattern_.tasks.empty()) return good;  // all maps were lost with the interpreter
    if (task->timeout == 0.0 || task->inactivity_timeout == 0.0)
      end(*task, push_expired_);
    else if (end_of_task_)
      forget(*task);
    return good;
  }

  Task& start(const std::string& id, double time) {
    if (push_previous_ && !pattern_.tasks.empty())
      waiting_.push_back(take(pattern_.tasks.oldest()));
    Task& task = pattern_.tasks.add(id);
    task.map = ruby_->hold_hash();
    task.created = now_;
    task.created_by_events = time;
    return task;
  }

  bool call(Batch& batch, Row row, Task& task) {
    std::optional<ruby::Held> meta;
    if (parts_.wants_meta) meta = ruby_->hold(meta_of(task, batch.arena()));
    const auto called =
        ruby_->call(parts_.code, {Argument::event(row), Argument::held(task.map),
                                  meta ? Argument::held(*meta) : Argument(), Argument::emitter()});
    const bool good = called.ending == Ending::ok;
    if (!good) {
      batch[row].tag(kExceptionTag);
      metrics_.code_errors.add();
      report("code");
    }
    if (called.cancelled) batch.drop(row, DropReason::filter);
    if (called.ending == Ending::cut_off) {
      lose_maps();
      return false;
    }
    if (meta) take_meta(*meta, task);
    return good && batch[row].alive();
  }

  Value meta_of(const Task& task, Arena& arena) const {
    Value out = Value::object();
    const auto set = [&](std::string_view name, const Value& value) {
      object_set(arena, out, Name(name), value);
    };
    const auto stamp = [](double seconds) {
      const auto whole = static_cast<int64_t>(seconds);
      return Value::timestamp(
          {whole, static_cast<uint32_t>((seconds - static_cast<double>(whole)) * 1e9)});
    };
    set("task_id", Value::string(task.id));
    set("creation_timestamp", stamp(time_field_ ? task.created_by_events : task.created));
    set("lastevent_timestamp", stamp(time_field_ ? task.last_by_events : task.last));
    set("timeout", task.timeout ? Value::of_real(*task.timeout) : Value::null());
    set("inactivity_timeout",
        task.inactivity_timeout ? Value::of_real(*task.inactivity_timeout) : Value::null());
    return out;
  }

  void take_meta(ruby::Held held, Task& task) {
    const Value meta = ruby_->read(held);
    ruby_->drop(held);
    if (!meta.is_object()) return;
    const auto seconds = [&](std::string_view name) {
      const Value* value = object_find(meta, Name(name));
      return value ? value->as_real() : std::nullopt;
    };
    task.timeout = seconds("timeout");
    task.inactivity_timeout = seconds("inactivity_timeout");
  }

  double time_of(const Event& event) const {
    const Value* stamp = time_field_ ? event.find(*time_field_) : nullptr;
    return stamp && stamp->kind == Kind::timestamp ? seconds_of(stamp->instant()) : now_;
  }

  // --- maps that end ---

  Ended take(const Task& task) {
    Ended out{task.id, task.map};
    pattern_.tasks.erase(task);
    return out;
  }

  void forget(const Task& task) {
    ruby_->drop(task.map);
    pattern_.tasks.erase(task);
  }

  bool is_older(const Task& task, double created, double last, double now) const {
    return now - created > task.timeout.value_or(timeout_) ||
           now - last > task.inactivity_timeout.value_or(inactivity_timeout_);
  }

  // The map's time is over; it becomes an event, or not.
  void end(const Task& task, bool push) {
    metrics_.task_timeouts.add();
    if (push)
      waiting_.push_back(take(task));
    else
      forget(task);
  }

  void expire_by_events(const std::string& id, double time) {
    const Task* task = pattern_.tasks.find(id);
    if (task && is_older(*task, task->created_by_events, task->last_by_events, time))
      end(*task, push_expired_ || push_previous_);
  }

  // What has expired goes to waiting_.
  void expire(Batch& out) {
    if (pattern_.tasks.empty()) return;
    ruby_ = parts_.group->interpreter(out);
    if (!ruby_) return;
    now_ = seconds_of(parts_.clock->now());
    for (auto at = pattern_.tasks.list().begin(); at != pattern_.tasks.list().end();) {
      const Task& task = *at++;
      if (is_older(task, task.created, task.last, now_)) end(task, push_expired_ || push_previous_);
    }
  }

  template <class NewRow>
  void make_events(Batch& batch, NewRow new_row) {
    // Code that is cut off takes with it what still waits.
    while (!waiting_.empty()) {
      const Ended ended = std::move(waiting_.front());
      waiting_.erase(waiting_.begin());
      make_event(batch, new_row(), ended);
    }
  }

  void make_event(Batch& batch, Row row, const Ended& ended) {
    Value map = ruby_->read(ended.map);
    ruby_->drop(ended.map);
    if (!map.is_object()) map = Value::object();
    const Instant now = parts_.clock->now();
    if (!batch[row].adopt(map, now)) batch[row].complete(now);
    if (id_field_) (void)batch[row].set(*id_field_, batch[row].string(ended.id));
    tag_all(batch[row], tags_);
    metrics_.pushed_events.add();
    if (!parts_.has_timeout_code) return;
    const auto called = ruby_->call(parts_.timeout_code, {Argument::event(row)});
    if (called.cancelled) batch.drop(row, DropReason::filter);
    if (called.ending == Ending::ok) return;
    batch[row].tag(kExceptionTag);
    metrics_.timeout_code_errors.add();
    report("timeout_code");
    if (called.ending == Ending::cut_off) lose_maps();
  }

  // The interpreter started anew.
  void lose_maps() {
    metrics_.lost_maps.add(parts_.group->check_generation() + waiting_.size());
    waiting_.clear();
  }

  void warn_of_many() {
    const auto count = static_cast<int64_t>(pattern_.tasks.size());
    if (threshold_ == 0 || count < threshold_) return;
    const auto now = parts_.clock->steady();
    if (warned_ && now - *warned_ < std::chrono::minutes(1)) return;
    warned_ = now;
    log::warn("aggregate", "{}: {} maps of {} are in memory", parts_.filter, count,
              parts_.task_id.text());
  }

  void report(std::string_view what) {
    const auto now = parts_.clock->steady();
    if (logged_ && now - *logged_ < kLogPeriod) return;
    logged_ = now;
    log::error("aggregate", "{}: {}: {}", parts_.filter, what, ruby_->failure());
  }

  Parts parts_;
  Pattern& pattern_;
  const bool creates_, updates_, end_of_task_, push_expired_, push_previous_;
  std::vector<std::string> tags_;
  const int64_t threshold_;
  double timeout_ = 0, inactivity_timeout_ = 0;
  std::optional<FieldRef> time_field_, id_field_;
  Metrics metrics_;

  // Of the batch at hand.
  ruby::Interpreter* ruby_ = nullptr;
  double now_ = 0;
  std::vector<Ended> waiting_;
  std::optional<std::chrono::steady_clock::time_point> warned_, logged_;
};

// --- making one ---

constexpr std::string_view kMetaWord = "map_meta";

std::vector<ruby::Program::Snippet> snippets_of(const Settings& settings) {
  std::vector<ruby::Program::Snippet> out;
  ruby::Source code = ruby::source_of(settings, "code");
  if (code.text.find(kMetaWord) != std::string::npos)
    code.text = "map_meta = LogStash::Filters::Aggregate::Element.new(map, __meta); " + code.text;
  out.push_back({std::move(code), {"event", "map", "__meta", "new_event_block"}});
  if (settings.is_given("timeout_code"))
    out.push_back({ruby::source_of(settings, "timeout_code"), {"event"}});
  return out;
}

bool has_time_options(const Settings& settings) {
  for (const std::string_view option :
       {"timeout", "inactivity_timeout", "timeout_code", "push_map_as_event_on_timeout",
        "push_previous_map_as_event", "timeout_timestamp_field", "timeout_task_id_field",
        "timeout_tags"})
    if (settings.is_given(option)) return true;
  return false;
}

Status check_options(const Settings& settings) {
  const std::string id = settings.string("task_id");
  const size_t open = id.find("%{");
  if (open == id.npos || id.find('}', open) == id.npos || id.find('}', open) == open + 2)
    return settings.error("task_id", "must hold a reference like %{field}");
  const double timeout =
      settings.is_given("timeout") ? settings.number("timeout") : kDefaultTimeout;
  if (settings.is_given("inactivity_timeout") && settings.number("inactivity_timeout") > timeout)
    return settings.error("inactivity_timeout", "must not be longer than `timeout`");
  return ok_status();
}

// Bad Ruby is found now, though the interpreter is made later, when all filters are known.
Status check_code(const Settings& settings, const ruby::Options& options) {
  ruby::Program program;
  program.init = {aggregate::kPrelude, {"aggregate", 1, 1}};
  program.snippets = snippets_of(settings);
  const auto made = ruby::Interpreter::make(std::move(program), options);
  if (made.ok()) return ok_status();
  return ruby::placed(made.error(), settings, "code");
}

Status join(const Settings& settings, const Context& context, Group& group) {
  Pattern& pattern = group.pattern(settings.string("task_id"));
  const bool has_options = has_time_options(settings);
  if (has_options && pattern.owner_has_options && pattern.owner != context.plugin_id)
    return settings.error("task_id",
                          "another aggregate filter of this task_id has options about time "
                          "(timeout ..., push_...): give them all to one of the two");
  if (has_options || pattern.owner.empty()) pattern.owner = context.plugin_id;
  pattern.owner_has_options = pattern.owner_has_options || has_options;
  if (settings.is_given("aggregate_maps_path") &&
      !group.set_file(context.plugin_id, settings.string("aggregate_maps_path")))
    return settings.error("aggregate_maps_path", "is for one aggregate filter of a pipeline");
  return ok_status();
}

Result<std::unique_ptr<Filter>> make_aggregate(const Settings& settings, const Context& context) {
  TRY_STATUS(check_options(settings));
  const ruby::Options options = ruby::options_of(settings, context);
  if (context.worker == 0) TRY_STATUS(check_code(settings, options));
  if (context.worker == 0 && context.workers > 1)
    log::warn("aggregate",
              "{}: with {} workers the events of a task may come in any order; set "
              "pipeline.workers to 1 (-w 1)",
              context.plugin_id, context.workers);
  // One group for all aggregate filters of the pipeline.
  const auto make_group = []() -> Result<std::shared_ptr<Group>> {
    return std::make_shared<Group>();
  };
  TRY(auto group, shared_by_key<Group>(context, "aggregate/" + context.pipeline_id, make_group));
  TRY_STATUS(join(settings, context, *group));
  group->widen(options);
  auto task_id = Template::parse(settings.string("task_id"));
  if (!task_id.ok()) return settings.error("task_id", task_id.error().message);
  const size_t first = group->add_snippets(context.plugin_id, snippets_of(settings));
  const bool wants_meta = settings.string("code").find(kMetaWord) != std::string::npos;
  auto filter = std::make_unique<Aggregate>(
      Aggregate::Parts{std::move(group), std::move(task_id).value(), first, first + 1,
                       settings.is_given("timeout_code"), wants_meta, context.plugin_id,
                       context.workers, context.clock},
      settings);
  filter->register_metrics(*context.metrics);
  return std::unique_ptr<Filter>(std::move(filter));
}

}  // namespace

FilterPlugin aggregate_filter() {
  return {
      {"aggregate", "Gathers what the events of a task say, with Ruby.", kOptions,
       "Expired maps are looked for every second. The code runs on mruby, as of the filter ruby."},
      make_aggregate};
}

}  // namespace penstock
