// Meters and timers: counts, rates and quantiles as the metriks library computes them. Owned by
// Figures; not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace penstock::metrics {

using SteadyTime = std::chrono::steady_clock::time_point;

// Events per second over the last 1, 5 and 15 minutes: averages that decay every five seconds.
class Meter {
 public:
  explicit Meter(SteadyTime now) : ticked_(now) {}

  void mark(SteadyTime now);
  uint64_t count() const { return count_; }
  double rate(int minutes, SteadyTime now);  // REQUIRES: 1, 5 or 15

 private:
  void tick_if_due(SteadyTime now);

  SteadyTime ticked_;
  uint64_t count_ = 0;
  uint64_t uncounted_ = 0;
  bool running_ = false;
  double rates_[3] = {0, 0, 0};
};

// A sample of the values in which recent ones weigh more; the chance of a value to be in it is
// exponential in its time.
class DecayingSample {
 public:
  explicit DecayingSample(SteadyTime now) : start_(now) {}

  void add(double value, SteadyTime now);
  std::vector<double> sorted() const;

 private:
  void rescale(SteadyTime now);

  SteadyTime start_;
  std::vector<std::pair<double, double>> values_;  // priority and value, a heap, least on top
  std::minstd_rand random_{std::random_device{}()};
};

// Between the neighbours of its place; 0 when there are no values.
double quantile(std::span<const double> sorted, double share);

class Timer {
 public:
  explicit Timer(SteadyTime now) : meter_(now), sample_(now) {}

  void update(double value, SteadyTime now);  // ignores values below 0
  Meter& meter() { return meter_; }
  uint64_t count() const { return meter_.count(); }
  double least() const { return count() ? least_ : 0; }
  double greatest() const { return count() ? greatest_ : 0; }
  double mean() const { return count() ? sum_ / static_cast<double>(count()) : 0; }
  double deviation() const;
  std::vector<double> sorted() const { return sample_.sorted(); }

 private:
  Meter meter_;
  DecayingSample sample_;
  double least_ = 0, greatest_ = 0, sum_ = 0;
  double mean_ = 0, squares_ = 0;  // Welford's running mean and sum of squared distances
};

}  // namespace penstock::metrics
