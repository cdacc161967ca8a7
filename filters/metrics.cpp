// Fields and intervals: logstash-filter-metrics (metrics.rb). Its [stddev] is the square root of
// the standard deviation, and so is ours.
#include "filters/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

#include "filters/metrics/figures.h"
#include "filters/shared_state.h"
#include "pipeline/base/text.h"
#include "pipeline/event/ruby_numbers.h"

namespace penstock {
namespace {

using metrics::Meter;
using metrics::SteadyTime;
using metrics::Timer;

// Names of meters or of timers, which may come from events.
constexpr size_t kNamesMax = 10'000;

constexpr Option kOptions[] = {
    {"meter", OptionType::strings, "[]",
     "Names, with %{...}, of what is counted: each event adds one to every meter."},
    {"timer", OptionType::hash, "{}",
     "Name => value, both with %{...}: each event adds a value, such as a duration."},
    {"ignore_older_than", OptionType::number, "0",
     "Seconds: older events aren't measured; 0: all are."},
    {"flush_interval", OptionType::number, "5", "Seconds between two events with the figures."},
    {"clear_interval", OptionType::number, "-1",
     "Seconds after which everything begins at zero again; -1: never."},
    {"rates", OptionType::strings, "[1, 5, 15]",
     "Of how many minutes there are rates: 1, 5 and 15."},
    {"percentiles", OptionType::strings, "[1, 5, 10, 90, 95, 99, 100]",
     "Percentiles of the timers' values."},
};

struct Percentile {
  std::string name;  // "p99"
  double share;
};

// The figures of all workers.
class Figures {
 public:
  struct Options {
    std::vector<int> rates;
    std::vector<Percentile> percentiles;
    std::chrono::duration<double> flush_interval, clear_interval;
    uint32_t workers = 1;
  };
  Figures(Options options, SteadyTime now)
      : options_(std::move(options)), flushed_(now), cleared_(now) {}

  std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
  // REQUIRES: lock() is held.
  void mark(std::string_view name, SteadyTime now) {
    if (Meter* meter = find(meters_, name, now)) meter->mark(now);
  }
  void update(std::string_view name, double value, SteadyTime now) {
    if (Timer* timer = find(timers_, name, now)) timer->update(value, now);
  }

  bool is_due(SteadyTime now, std::chrono::seconds early = {}) const {
    return now - flushed_ + early >= options_.flush_interval &&
           !(meters_.empty() && timers_.empty());
  }
  void flush(Event& event, SteadyTime now);
  // Whether all workers have ended with this one.
  bool end_worker() { return ++ended_ == options_.workers; }

  const Counter& overflow() const { return overflow_; }

 private:
  template <class T>
  using ByName = std::map<std::string, T, std::less<>>;

  template <class T>
  T* find(ByName<T>& all, std::string_view name, SteadyTime now) {
    if (const auto found = all.find(name); found != all.end()) return &found->second;
    if (all.size() < kNamesMax) return &all.emplace(name, T(now)).first->second;
    overflow_.add();
    return nullptr;
  }
  void put_meter(Event& event, const std::string& name, Meter& meter, SteadyTime now) const;
  void put_timer(Event& event, const std::string& name, const Timer& timer) const;
  static void put(Event& event, std::string_view name, std::string_view figure, Value value);

  const Options options_;
  std::mutex mutex_;
  ByName<Meter> meters_;
  ByName<Timer> timers_;
  SteadyTime flushed_, cleared_;
  uint32_t ended_ = 0;
  Counter overflow_;
};

void Figures::put(Event& event, std::string_view name, std::string_view figure, Value value) {
  const auto field = FieldRef::parse(fmt::format("[{}][{}]", name, figure));
  if (field.ok()) (void)event.set(field.value(), value);
}

void Figures::put_meter(Event& event, const std::string& name, Meter& meter, SteadyTime now) const {
  put(event, name, "count", Value::of_integer(static_cast<int64_t>(meter.count())));
  for (const int minutes : options_.rates)
    put(event, name, fmt::format("rate_{}m", minutes), Value::of_real(meter.rate(minutes, now)));
}

void Figures::put_timer(Event& event, const std::string& name, const Timer& timer) const {
  put(event, name, "min", Value::of_real(timer.least()));
  put(event, name, "max", Value::of_real(timer.greatest()));
  put(event, name, "stddev", Value::of_real(std::sqrt(timer.deviation())));
  put(event, name, "mean", Value::of_real(timer.mean()));
  const std::vector<double> sorted = timer.sorted();
  for (const Percentile& percentile : options_.percentiles)
    put(event, name, percentile.name, Value::of_real(metrics::quantile(sorted, percentile.share)));
}

void Figures::flush(Event& event, SteadyTime now) {
  for (auto& [name, meter] : meters_) put_meter(event, name, meter, now);
  for (auto& [name, timer] : timers_) {
    put_meter(event, name, timer.meter(), now);
    put_timer(event, name, timer);
  }
  flushed_ = now;
  if (options_.clear_interval.count() <= 0 || now - cleared_ < options_.clear_interval) return;
  cleared_ = now;
  meters_.clear();
  timers_.clear();
}

struct TimerOption {
  Template name, value;
};

class MetricsFilter : public Filter {
 public:
  MetricsFilter(const Settings& settings, const Context& context, std::vector<Template> meters,
                std::vector<TimerOption> timers, std::shared_ptr<Figures> figures)
      : meters_(std::move(meters)),
        timers_(std::move(timers)),
        age_max_(settings.number("ignore_older_than")),
        clock_(context.clock),
        host_(context.host_name),
        figures_(std::move(figures)) {}

  // The common options are for the event with the figures.
  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    (void)matched;
    const SteadyTime now = clock_->steady();
    const Instant wall = clock_->now();
    const auto lock = figures_->lock();
    for (const Row row : rows) {
      const Event& event = batch[row];
      if (age_max_ > 0 && is_old(event, wall)) continue;
      for (const Template& meter : meters_) figures_->mark(rendered(meter, event, name_), now);
      for (const TimerOption& timer : timers_) {
        const double value = leading_real(rendered(timer.value, event, value_));
        figures_->update(rendered(timer.name, event, name_), value, now);
      }
    }
  }

  bool wants_tick() const override { return true; }
  void tick(Batch& out, SteadyTime now) override {
    const auto lock = figures_->lock();
    if (figures_->is_due(now)) flush(out, now);
  }
  // Logstash's last flush counts as the end of its five-second period.
  void finish(Batch& out) override {
    const SteadyTime now = clock_->steady();
    const auto lock = figures_->lock();
    if (figures_->end_worker() && figures_->is_due(now, std::chrono::seconds(5))) flush(out, now);
  }

 private:
  bool is_old(const Event& event, const Instant& wall) const {
    const Value* stamp = event.timestamp();
    if (!stamp) return false;
    const Instant instant = stamp->instant();
    const double nanoseconds = static_cast<double>(wall.nanoseconds) - instant.nanoseconds;
    return static_cast<double>(wall.seconds - instant.seconds) + nanoseconds * 1e-9 > age_max_;
  }

  static const std::string& rendered(const Template& text, const Event& event, std::string& out) {
    if (text.is_constant()) return text.text();
    out.clear();
    (void)text.append(event, out);
    return out;
  }

  void flush(Batch& out, SteadyTime now) {
    Event& event = out[out.append()];
    event.complete(clock_->now());
    (void)event.set(message_field_, event.string(host_));
    figures_->flush(event, now);
  }

  std::vector<Template> meters_;
  std::vector<TimerOption> timers_;
  double age_max_;
  const Clock* clock_;
  std::string host_;
  std::shared_ptr<Figures> figures_;
  FieldRef message_field_ = FieldRef::of("message");
  std::string name_, value_;
};

// --- making one ---

Result<Figures::Options> figure_options(const Settings& settings) {
  Figures::Options out;
  for (const std::string& text : settings.strings("rates")) {
    if (text != "1" && text != "5" && text != "15")
      return settings.error("rates", "there are rates of 1, 5 and 15 minutes, not of " + text);
    out.rates.push_back(static_cast<int>(*parse_integer(text)));
  }
  for (const std::string& text : settings.strings("percentiles")) {
    const auto percent = parse_real(text);
    if (!percent || !(*percent >= 0 && *percent <= 100))
      return settings.error("percentiles", "`" + text + "` is no number from 0 to 100");
    out.percentiles.push_back({"p" + text, *percent / 100});
  }
  out.flush_interval = std::chrono::duration<double>(settings.number("flush_interval"));
  out.clear_interval = std::chrono::duration<double>(settings.number("clear_interval"));
  return out;
}

Result<std::vector<TimerOption>> timer_options(const Settings& settings) {
  std::vector<TimerOption> out;
  for (const auto& [key, value] : settings.hash("timer")) {
    auto name = Template::parse(key.text);
    if (!name.ok()) return settings.error("timer", name.error().message);
    auto text = Template::parse(value.text);
    if (!text.ok() || !value.is_scalar())
      return settings.error("timer", "the value of `" + key.text + "` must be a text");
    out.push_back({std::move(name).value(), std::move(text).value()});
  }
  return out;
}

Result<std::unique_ptr<Filter>> make_metrics(const Settings& settings, const Context& context) {
  TRY(Figures::Options options, figure_options(settings));
  options.workers = context.workers;
  std::vector<Template> meters;
  for (const std::string& text : settings.strings("meter")) {
    auto name = Template::parse(text);
    if (!name.ok()) return settings.error("meter", name.error().message);
    meters.push_back(std::move(name).value());
  }
  TRY(auto timers, timer_options(settings));
  auto figures = shared_state<Figures>(
      context, [&] { return std::make_shared<Figures>(options, context.clock->steady()); });
  if (context.worker == 0)
    context.metrics->counter("overflow", "Events not measured: more than 10,000 names.", {},
                             figures->overflow());
  return std::unique_ptr<Filter>(std::make_unique<MetricsFilter>(
      settings, context, std::move(meters), std::move(timers), std::move(figures)));
}

}  // namespace

FilterPlugin metrics_filter() {
  return {{"metrics", "Counts and measures events, and reports every few seconds.", kOptions},
          make_metrics};
}

}  // namespace penstock
