// MetricScope: where a plugin registers its own metrics. They appear as
// penstock_<kind>_<name>{pipeline=,plugin=,id=,...} on /metrics and under the plugin's entry in
// /_node/stats. Metrics of the workers' instances of one plugin are summed by name and labels.
// Registering is for start-up (takes a lock); reading happens on the API's thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/metrics/counter.h"

namespace penstock {

using Labels = std::vector<std::pair<std::string, std::string>>;

class MetricScope {
 public:
  virtual ~MetricScope() = default;
  // The counter must live until the pipeline is destroyed or removed() is called by its owner's
  // destruction (the scope outlives plugins; plugins are destroyed after the API stopped reading).
  virtual void counter(std::string name, std::string help, Labels labels,
                       const Counter& counter) = 0;
  virtual void gauge(std::string name, std::string help, Labels labels,
                     std::function<double()> read) = 0;
};

}  // namespace penstock
