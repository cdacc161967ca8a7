// What a lookup costs per event: the same address (both caches hit), and many addresses of few
// records. PENSTOCK_GEOIP names another database than the small one of the tests.
#include "filters/geoip.h"

#include <cstdlib>

#include "micro/filter_bench.h"

namespace penstock {
namespace {

std::string options() {
  const char* path = std::getenv("PENSTOCK_GEOIP");
  return std::string("source => 'ip' target => 'geo' database => '") +
         (path ? path : "tests/data/geoip/city.mmdb") + "'";
}

void event(benchmark::State& state) {
  bench::run_filter(state, nullptr, "", R"({"ip":"81.2.69.142"})");
}
BENCHMARK(event);

void same_address(benchmark::State& state) {
  const auto plugin = geoip_filter();
  bench::run_filter(state, &plugin, options(), R"({"ip":"81.2.69.142"})");
}
BENCHMARK(same_address);

void many_addresses(benchmark::State& state) {
  const auto plugin = geoip_filter();
  auto filter = bench::make_filter(plugin, options() + " cache_size => 1");
  Batch batch;
  std::vector<Row> rows, matched;
  const FieldRef ip = FieldRef::of("ip");
  uint32_t next = 0;
  for (auto _ : state) {
    batch.reset();
    rows.clear();
    matched.clear();
    for (uint32_t i = 0; i < bench::kRows; ++i) {
      rows.push_back(batch.append());
      next = next * 1664525 + 1013904223;
      const std::string text =
          "81.2." + std::to_string(64 + (next >> 8) % 8) + "." + std::to_string(next >> 24);
      (void)batch[rows.back()].set(ip, batch[rows.back()].string(text));
    }
    filter->apply(batch, rows, matched);
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * bench::kRows);
}
BENCHMARK(many_addresses);

void nothing_known(benchmark::State& state) {
  const auto plugin = geoip_filter();
  bench::run_filter(state, &plugin, options(), R"({"ip":"10.0.0.1"})");
}
BENCHMARK(nothing_known);

}  // namespace
}  // namespace penstock
