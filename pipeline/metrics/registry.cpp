#include "pipeline/metrics/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace penstock {
namespace {

// Prometheus' rule for names; a plugin may have dots or dashes in its own.
std::string legal_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool legal = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                       (c >= '0' && c <= '9' && !out.empty());
    out += legal ? c : '_';
  }
  return out;
}

std::string with_total(std::string name) {
  constexpr std::string_view kEnd = "_total";
  return name.ends_with(kEnd) ? name : name + std::string(kEnd);
}

std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quotes)
      out += "\\\"";
    else
      out += c;
  }
  return out;
}

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

}  // namespace

class MetricsRegistry::Scope : public MetricScope {
 public:
  Scope(MetricsRegistry& registry, std::string prefix, Labels labels, std::string pipeline,
        std::string id, const void* owner)
      : owner_(owner),
        registry_(registry),
        prefix_(std::move(prefix)),
        labels_(std::move(labels)),
        pipeline_(std::move(pipeline)),
        id_(std::move(id)) {}

  void counter(std::string name, std::string help, Labels labels, const Counter& counter) override {
    Entry entry = make(std::move(name), std::move(help), std::move(labels), true);
    entry.counter = &counter;
    registry_.add(std::move(entry));
  }

  void gauge(std::string name, std::string help, Labels labels,
             std::function<double()> read) override {
    Entry entry = make(std::move(name), std::move(help), std::move(labels), false);
    entry.gauge = std::move(read);
    registry_.add(std::move(entry));
  }

  Entry make(std::string name, std::string help, Labels labels, bool is_counter) const {
    Entry entry{};
    entry.family = prefix_ + legal_name(name);
    if (is_counter) entry.family = with_total(std::move(entry.family));
    entry.own_name = std::move(name);
    entry.help = std::move(help);
    entry.labels = labels_;
    for (const auto& [key, value] : labels) entry.labels.emplace_back(legal_name(key), value);
    entry.own_labels = std::move(labels);
    entry.pipeline = pipeline_;
    entry.id = id_;
    entry.owner = owner_;
    entry.is_counter = is_counter;
    return entry;
  }

  const void* owner() const { return owner_; }

 private:
  const void* owner_;
  MetricsRegistry& registry_;
  std::string prefix_;
  Labels labels_;
  std::string pipeline_, id_;
};

MetricsRegistry::MetricsRegistry() = default;
MetricsRegistry::~MetricsRegistry() = default;

MetricScope& MetricsRegistry::plugin(const std::string& pipeline, const std::string& kind,
                                     const std::string& name, const std::string& id,
                                     const void* owner) {
  Labels labels = {{"pipeline", pipeline}, {"plugin", name}, {"id", id}};
  auto scope =
      std::make_unique<Scope>(*this, "penstock_" + kind + "_", labels, pipeline, id, owner);
  std::lock_guard lock(mutex_);
  return *scopes_.emplace_back(std::move(scope));
}

MetricScope& MetricsRegistry::engine(const std::string& pipeline, const void* owner) {
  Labels labels;
  if (!pipeline.empty()) labels.emplace_back("pipeline", pipeline);
  auto scope = std::make_unique<Scope>(*this, "penstock_", labels, pipeline, "", owner);
  std::lock_guard lock(mutex_);
  return *scopes_.emplace_back(std::move(scope));
}

void MetricsRegistry::computed_counter(const std::string& pipeline, std::string name,
                                       std::string help, Labels labels,
                                       std::function<double()> read, const void* owner) {
  Labels base;
  if (!pipeline.empty()) base.emplace_back("pipeline", pipeline);
  const Scope scope(*this, "penstock_", base, pipeline, "", owner);
  Entry entry = scope.make(std::move(name), std::move(help), std::move(labels), true);
  entry.gauge = std::move(read);
  add(std::move(entry));
}

void MetricsRegistry::add(Entry entry) {
  std::lock_guard lock(mutex_);
  entries_.push_back(std::move(entry));
}

std::vector<MetricFamily> MetricsRegistry::read() const {
  std::map<std::string, MetricFamily> families;
  std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) {
    MetricFamily& family = families[entry.family];
    if (family.name.empty()) {
      family.name = entry.family;
      family.help = entry.help;
      family.is_counter = entry.is_counter;
    }
    const auto same = std::find_if(family.samples.begin(), family.samples.end(),
                                   [&](const auto& s) { return s.labels == entry.labels; });
    if (same != family.samples.end())
      same->value += entry.value();
    else
      family.samples.push_back({entry.labels, entry.value()});
  }
  std::vector<MetricFamily> out;
  for (auto& [name, family] : families) out.push_back(std::move(family));
  return out;
}

std::vector<MetricsRegistry::Own> MetricsRegistry::of_plugin(const std::string& pipeline,
                                                             const std::string& id) const {
  std::vector<Own> out;
  std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) {
    if (entry.pipeline != pipeline || entry.id != id) continue;
    const auto same = std::find_if(out.begin(), out.end(), [&](const Own& own) {
      return own.name == entry.own_name && own.labels == entry.own_labels;
    });
    if (same != out.end())
      same->value += entry.value();
    else
      out.push_back({entry.own_name, entry.own_labels, entry.value(), entry.is_counter});
  }
  return out;
}

void MetricsRegistry::forget(const void* owner) {
  std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const Entry& entry) { return entry.owner == owner; });
  std::erase_if(scopes_, [&](const auto& scope) { return scope->owner() == owner; });
}

std::string prometheus_text(const std::vector<MetricFamily>& families) {
  std::string out;
  for (const MetricFamily& family : families) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", family.name, escaped(family.help, false),
                       family.name, family.is_counter ? "counter" : "gauge");
    for (const MetricSample& sample : family.samples) {
      out += family.name;
      for (size_t i = 0; i < sample.labels.size(); ++i)
        out += fmt::format("{}{}=\"{}\"", i == 0 ? "{" : ",", sample.labels[i].first,
                           escaped(sample.labels[i].second, true));
      if (!sample.labels.empty()) out += "}";
      out += " " + number_text(sample.value) + "\n";
    }
  }
  return out;
}

}  // namespace penstock
