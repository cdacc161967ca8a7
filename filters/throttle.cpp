// Which events match: logstash-filter-throttle (throttle.rb). A batch's keys are made first, then
// counted under one lock.
#include "filters/throttle.h"

#include "filters/shared_state.h"
#include "filters/throttle/counters.h"
#include "pipeline/event/ruby_numbers.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"key", OptionType::string, "",
     "What the counters are kept by, with %{...}: events of one key are counted together.", true},
    {"before_count", OptionType::number, "-1",
     "Events before this one of a period match; -1: none does."},
    {"after_count", OptionType::number, "-1",
     "Events after this one of a period match; -1: none does."},
    {"period", OptionType::string, "60",
     "Seconds, or %{...}, that a period lasts; it begins with a key's first event."},
    {"max_age", OptionType::integer, "3600",
     "Seconds that the counter of a period is kept after the key's latest event."},
    {"max_counters", OptionType::integer, "100000",
     "How many counters there may be before max_age is shortened; -1: 10 million. At twice as many "
     "the older half goes."},
};

constexpr int64_t kPeriodOtherwise = 60;  // for a text that is no number

class Throttle : public Filter {
 public:
  Throttle(const Settings& settings, Template key, Template period,
           std::shared_ptr<throttle::Counters> counters)
      : key_(std::move(key)),
        period_(std::move(period)),
        before_(settings.number("before_count")),
        after_(settings.number("after_count")),
        counters_(std::move(counters)) {
    if (period_.is_constant()) constant_period_ = period_of(period_.text());
  }

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    keys_.clear();
    ends_.clear();
    for (const Row row : rows) {
      (void)key_.append(batch[row], keys_);
      ends_.push_back(keys_.size());
    }
    const auto lock = counters_->lock();
    size_t begin = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::string_view key(keys_.data() + begin, ends_[i] - begin);
      begin = ends_[i];
      if (matches(batch[rows[i]], key)) matched.push_back(rows[i]);
    }
  }

  bool wants_tick() const override { return true; }
  void tick(Batch& out, std::chrono::steady_clock::time_point now) override {
    (void)out;
    counters_->tidy_if_due(now);
  }

 private:
  static int64_t period_of(std::string_view text) {
    const int64_t period = leading_integer(text);
    return period == 0 ? kPeriodOtherwise : period;
  }

  bool matches(const Event& event, std::string_view key) {
    const Value* stamp = event.timestamp();
    if (!stamp) return false;
    const int64_t period = constant_period_ ? constant_period_ : period_of(period_.render(event));
    const auto count = static_cast<double>(counters_->count(key, stamp->instant().seconds, period));
    return (before_ != -1 && count < before_) || (after_ != -1 && count > after_);
  }

  Template key_, period_;
  int64_t constant_period_ = 0;
  double before_, after_;
  std::shared_ptr<throttle::Counters> counters_;
  std::string keys_;  // of the batch, one behind the other
  std::vector<size_t> ends_;
};

Result<std::unique_ptr<Filter>> make_throttle(const Settings& settings, const Context& context) {
  auto key = Template::parse(settings.string("key"));
  if (!key.ok()) return settings.error("key", key.error().message);
  auto period = Template::parse(settings.string("period"));
  if (!period.ok()) return settings.error("period", period.error().message);
  auto counters = shared_state<throttle::Counters>(context, [&] {
    return std::make_shared<throttle::Counters>(
        settings.integer("max_age"), settings.integer("max_counters"), context.clock->steady());
  });
  if (context.worker == 0) {
    context.metrics->gauge("counters", "Counters in use.", {},
                           [counters] { return static_cast<double>(counters->size()); });
    context.metrics->counter("evicted_keys", "Keys forgotten because there were too many.", {},
                             counters->evicted());
  }
  return std::unique_ptr<Filter>(std::make_unique<Throttle>(
      settings, std::move(key).value(), std::move(period).value(), std::move(counters)));
}

}  // namespace

FilterPlugin throttle_filter() {
  return {{"throttle", "Marks events of which there are too few or too many in a time.", kOptions},
          make_throttle};
}

}  // namespace penstock
