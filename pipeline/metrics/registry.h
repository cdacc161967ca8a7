// MetricsRegistry: all metrics of the process, by plugin. Plugins register through a MetricScope of
// their own; instances of one plugin on several workers register the same names and are summed
// when somebody reads. Thread-safe; reading takes a lock and allocates, counting doesn't come here.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pipeline/metrics/scope.h"

namespace penstock {

// One line of a metric: labels and the sum over its instances.
struct MetricSample {
  Labels labels;
  double value = 0;
};

struct MetricFamily {
  std::string name;  // as Prometheus shows it: penstock_output_retries_total
  std::string help;
  bool is_counter = false;
  std::vector<MetricSample> samples;
};

class MetricsRegistry {
 public:
  MetricsRegistry();
  ~MetricsRegistry();
  MetricsRegistry(const MetricsRegistry&) = delete;
  MetricsRegistry& operator=(const MetricsRegistry&) = delete;

  // The scope of a plugin: its metrics are penstock_<kind>_<name>{pipeline,plugin,id}. Lives as
  // long as the registry. One scope per plugin in the config, shared by its instances.
  // `owner`: for forget(); whoever is destroyed before the pipeline is.
  MetricScope& plugin(const std::string& pipeline, const std::string& kind, const std::string& name,
                      const std::string& id, const void* owner = nullptr);
  // Metrics of the engine: penstock_<name>{pipeline}, or without labels for pipeline "".
  MetricScope& engine(const std::string& pipeline, const void* owner = nullptr);
  // A counter that is computed. Engine only.
  void computed_counter(const std::string& pipeline, std::string name, std::string help,
                        Labels labels, std::function<double()> read, const void* owner = nullptr);

  // Families sorted by name, samples in the order registered.
  std::vector<MetricFamily> read() const;
  // What one plugin registered, names as the plugin gave them; for /_node/stats.
  struct Own {
    std::string name;
    Labels labels;
    double value;
    bool is_counter;
  };
  std::vector<Own> of_plugin(const std::string& pipeline, const std::string& id) const;

  // What registered in the name of this owner is about to be destroyed; its scopes go too.
  void forget(const void* owner);

 private:
  struct Entry {
    std::string family, own_name, help;
    Labels labels, own_labels;
    std::string pipeline, id;
    const void* owner = nullptr;
    const Counter* counter;  // or, when nullptr:
    std::function<double()> gauge;
    bool is_counter;
    double value() const { return counter ? static_cast<double>(counter->value()) : gauge(); }
  };
  class Scope;
  void add(Entry entry);

  mutable std::mutex mutex_;
  std::deque<Entry> entries_;
  std::deque<std::unique_ptr<Scope>> scopes_;
};

// The families in Prometheus' text exposition format 0.0.4.
std::string prometheus_text(const std::vector<MetricFamily>& families);

}  // namespace penstock
