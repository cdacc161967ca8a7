// One filter over one event again and again, for micro benchmarks: what a filter costs per event,
// without the engine around it.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/config/parser.h"
#include "pipeline/event/json_reader.h"
#include "pipeline/plugin/filter.h"

namespace penstock::bench {

class NoMetrics : public MetricScope {
 public:
  void counter(std::string, std::string, Labels, const Counter&) override {}
  void gauge(std::string, std::string, Labels, std::function<double()>) override {}
};

inline std::unique_ptr<Filter> make_filter(const FilterPlugin& plugin, std::string_view options) {
  static NoMetrics metrics;
  // Of its own, so that it finds nothing of those made before; some filters keep a view of it.
  static std::vector<std::unique_ptr<SharedResources>> resources;
  resources.push_back(std::make_unique<SharedResources>());
  ConfigTree tree;
  Errors errors;
  ParseOptions parse_options;
  parse_options.environment = [](const std::string&) -> const char* { return nullptr; };
  const std::string text =
      "filter { " + std::string(plugin.info.name) + " { " + std::string(options) + " } }";
  if (parse_config(text, "bench", parse_options, tree, errors)) {
    const Settings settings = Settings::check(PluginKind::filter, plugin.info,
                                              *tree.sections.at(0).block.at(0).plugin, errors);
    Context context;
    context.metrics = &metrics;
    context.resources = resources.back().get();
    context.plugin_name = context.plugin_id = plugin.info.name;
    if (errors.empty()) {
      auto made = plugin.make(settings, context);
      if (made.ok()) return std::move(made).value();
      errors.push_back(made.error());
    }
  }
  for (const Error& error : errors) std::fprintf(stderr, "%s\n", error.text().c_str());
  std::abort();
}

// Events that several benchmarks use: of a service, a web server's access line, and a line that has
// nothing of one.
inline constexpr std::string_view kEvent =
    R"({"@timestamp":"2026-11-21T10:00:00Z","level":"INFO","took":"1234.5","status":"200",)"
    R"("path":"/api/users/1234/orders/98","list":["a","b"],"csv":"a,b,c","host":{"name":"web-1"}})";
inline constexpr std::string_view kAccessEvent =
    R"({"message":"83.149.9.216 - frank [17/May/2015:10:05:03 +0000] \"GET /presentations/logstash-monitorama-2013/images/kibana-search.png HTTP/1.1\" 200 203023 \"http://semicomplete.com/presentations/logstash-monitorama-2013/\" \"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36\""})";
inline constexpr std::string_view kServiceEvent =
    R"({"message":"2026-11-21T10:11:12.345+02:00 ERROR [main] com.example.Service - request 123e4567-e89b-12d3-a456-426614174000 from a.b+c@example.co.uk failed after 1234 ms: connection to 10.1.2.3:5432 refused, retrying in 30 s (attempt 3 of 10), giving up afterwards"})";

// A batch is made of kRows events, each parsed from JSON, in the measured time: subtract the same
// run without a filter.
inline constexpr uint32_t kRows = 250;

inline void count_events(benchmark::State& state) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * kRows);
  state.counters["ns/event"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * kRows * 1e-9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

inline void run_filter(benchmark::State& state, const FilterPlugin* plugin,
                       std::string_view options, std::string_view json) {
  auto filter = plugin ? make_filter(*plugin, options) : nullptr;
  Batch batch;
  JsonReader reader;
  std::vector<Row> rows, matched;
  for (auto _ : state) {
    batch.reset();
    rows.clear();
    matched.clear();
    for (uint32_t i = 0; i < kRows; ++i) {
      rows.push_back(batch.append());
      Event& event = batch[rows.back()];
      (void)reader.read(json, batch.arena(), event.root());
    }
    if (filter) filter->apply(batch, rows, matched);
    benchmark::DoNotOptimize(matched.data());
  }
  count_events(state);
}

}  // namespace penstock::bench
