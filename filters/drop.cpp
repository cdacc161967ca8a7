#include "filters/drop.h"

#include <random>

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"percentage", OptionType::number, "100",
     "How many of the events to drop, in percent, chosen at random."},
};

class Drop : public Filter {
 public:
  explicit Drop(double share) : share_(share) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    (void)matched;  // an event that is gone gets no common options
    for (const Row row : rows)
      if (share_ >= 1 || chance_(random_) < share_) batch.drop(row, DropReason::filter);
  }

 private:
  double share_;
  std::minstd_rand random_{std::random_device{}()};
  std::uniform_real_distribution<double> chance_{0, 1};
};

}  // namespace

FilterPlugin drop_filter() {
  return {
      {"drop", "Drops every event that reaches it.", kOptions},
      [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Filter>> {
        return std::unique_ptr<Filter>(std::make_unique<Drop>(settings.number("percentage") / 100));
      }};
}

}  // namespace penstock
