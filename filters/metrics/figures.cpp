// Constants and formulas: github.com/eric/metriks (meter.rb, ewma.rb, timer.rb, histogram.rb,
// exponentially_decaying_sample.rb, snapshot.rb).
#include "filters/metrics/figures.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace penstock::metrics {
namespace {

constexpr double kTickSeconds = 5;
constexpr int kMinutes[] = {1, 5, 15};
constexpr size_t kSampleSize = 1028;
constexpr double kDecay = 0.015;
constexpr double kRescaleSeconds = 3600;

double seconds_between(SteadyTime from, SteadyTime to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

void Meter::tick_if_due(SteadyTime now) {
  const double age = seconds_between(ticked_, now);
  if (age <= kTickSeconds) return;
  ticked_ = now;
  const double ticks = std::floor(age / kTickSeconds);
  const double instant = static_cast<double>(uncounted_) / kTickSeconds;
  for (size_t i = 0; i < 3; ++i) {
    const double alpha = 1 - std::exp(-kTickSeconds / 60 / kMinutes[i]);
    rates_[i] = running_ ? rates_[i] + alpha * (instant - rates_[i]) : instant;
    rates_[i] *= std::pow(1 - alpha, ticks - 1);  // the further ticks counted nothing
  }
  uncounted_ = 0;
  running_ = true;
}

void Meter::mark(SteadyTime now) {
  tick_if_due(now);
  ++count_;
  ++uncounted_;
}

double Meter::rate(int minutes, SteadyTime now) {
  tick_if_due(now);
  return rates_[minutes == 1 ? 0 : minutes == 5 ? 1 : 2];
}

void DecayingSample::add(double value, SteadyTime now) {
  if (seconds_between(start_, now) >= kRescaleSeconds) rescale(now);
  const double chance = std::uniform_real_distribution<double>(0, 1)(random_);
  double priority = std::exp(kDecay * seconds_between(start_, now)) / chance;
  if (!std::isfinite(priority)) priority = std::numeric_limits<double>::max();
  if (values_.size() >= kSampleSize) {
    if (priority <= values_.front().first) return;
    std::pop_heap(values_.begin(), values_.end(), std::greater<>());
    values_.pop_back();
  }
  values_.emplace_back(priority, value);
  std::push_heap(values_.begin(), values_.end(), std::greater<>());
}

// Priorities stay small numbers; their order doesn't change.
void DecayingSample::rescale(SteadyTime now) {
  const double factor = std::exp(-kDecay * seconds_between(start_, now));
  for (auto& [priority, value] : values_) priority *= factor;
  start_ = now;
}

std::vector<double> DecayingSample::sorted() const {
  std::vector<double> out;
  for (const auto& [priority, value] : values_) out.push_back(value);
  std::sort(out.begin(), out.end());
  return out;
}

double quantile(std::span<const double> sorted, double share) {
  if (sorted.empty()) return 0;
  const double place = share * static_cast<double>(sorted.size() + 1);
  if (place < 1) return sorted.front();
  if (place >= static_cast<double>(sorted.size())) return sorted.back();
  const auto at = static_cast<size_t>(place);
  return sorted[at - 1] + (place - std::floor(place)) * (sorted[at] - sorted[at - 1]);
}

void Timer::update(double value, SteadyTime now) {
  if (!(value >= 0)) return;
  meter_.mark(now);
  sample_.add(value, now);
  const bool first = count() == 1;
  least_ = first ? value : std::min(least_, value);
  greatest_ = first ? value : std::max(greatest_, value);
  sum_ += value;
  const double before = value - mean_;
  mean_ = first ? value : mean_ + before / static_cast<double>(count());
  squares_ = first ? 0 : squares_ + before * (value - mean_);
}

double Timer::deviation() const {
  return count() > 1 ? std::sqrt(squares_ / static_cast<double>(count() - 1)) : 0;
}

}  // namespace penstock::metrics
