// When it sleeps and how long: logstash-filter-sleep (sleep.rb). The only filter that holds its
// worker up, which is what it is for; the counts are each worker's own.
#include "filters/sleep.h"

#include <algorithm>
#include <thread>

#include "pipeline/event/ruby_numbers.h"

namespace penstock {
namespace {

// One pause is never longer, whatever an event says.
constexpr double kSecondsMax = 3600;

constexpr Option kOptions[] = {
    {"time", OptionType::string, "",
     "Seconds to sleep, as a number or with %{...}. With `replay` the factor by which time runs "
     "faster; then it may be unset, for 1."},
    {"every", OptionType::string, "1", "Sleep at every Nth event only; not with `replay`."},
    {"replay", OptionType::boolean, "false",
     "Sleep for the time between the @timestamps of an event and the one before it."},
};

class Sleep : public Filter {
 public:
  Sleep(const Settings& settings, Template time)
      : time_(std::move(time)),
        every_(leading_real(settings.string("every"))),
        replay_(settings.boolean("replay")) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      const double seconds = replay_ ? gap(batch[row]) : turn(batch[row]);
      if (seconds > 0)
        std::this_thread::sleep_for(std::chrono::duration<double>(std::min(seconds, kSecondsMax)));
      matched.push_back(row);
    }
  }

 private:
  double turn(const Event& event) {
    if (++count_ < every_) return 0;
    count_ = 0;
    return leading_real(time_.render(event));
  }

  double gap(const Event& event) {
    const Value* stamp = event.timestamp();
    if (!stamp) return 0;
    const Instant instant = stamp->instant();
    const double now = static_cast<double>(instant.seconds) + instant.nanoseconds * 1e-9;
    const double passed = last_ ? now - *last_ : 0;
    last_ = now;
    const double factor = leading_real(time_.render(event));
    return factor > 0 ? passed / factor : 0;
  }

  Template time_;
  double every_;
  bool replay_;
  double count_ = 0;
  std::optional<double> last_;
};

}  // namespace

FilterPlugin sleep_filter() {
  return {
      {"sleep", "Slows a pipeline down.", kOptions},
      [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Filter>> {
        const bool given = settings.is_given("time");
        if (!given && !settings.boolean("replay"))
          return settings.error("time", "is required without `replay`");
        auto time = Template::parse(given ? settings.string("time") : "1");
        if (!time.ok()) return settings.error("time", time.error().message);
        return std::unique_ptr<Filter>(std::make_unique<Sleep>(settings, std::move(time).value()));
      }};
}

}  // namespace penstock
