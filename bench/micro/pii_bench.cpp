// What the pii detectors cost per event: the strings of JSON events of about 540 bytes, a tenth of
// which hold something to find. Reports time per event and bytes of string text per second.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "filters/pii/detector.h"

namespace {

using namespace penstock::pii;

std::vector<std::vector<std::string>> events() {
  std::vector<std::vector<std::string>> out;
  for (int i = 0; i < 1000; ++i) {
    const std::string n = std::to_string(100000 + i * 37);
    out.push_back(
        {"2026-11-19T06:00:33.539Z", "INFO", "com.shop.inventory.StockLedger", "inventory",
         i % 10 ? "Cache miss for key product:" + n + ":lamp, loading from replica db-5"
                : "Sent order confirmation to anna.adams" + n + "@example.com for order " + n,
         "205.238.117.130",
         "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/117.0.5938.62 Safari/537.36",
         "GET", "/api/v1/orders/" + n + "?q=mirror+jacket&page=5",
         "dcf8451d-ca60-4f99-a7f6-5317a4" + n});
  }
  return out;
}

void scan(benchmark::State& state, EntitySet wanted) {
  const auto all = events();
  size_t bytes = 0, count = 0;
  std::vector<Finding> findings;
  for (auto _ : state) {
    for (const auto& event : all) {
      findings.clear();
      for (const std::string& text : event) {
        find_all(text, wanted, 0, findings);
        bytes += text.size();
      }
      ++count;
      benchmark::DoNotOptimize(findings.data());
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
  state.SetItemsProcessed(static_cast<int64_t>(count));
}
BENCHMARK_CAPTURE(scan, default_entities, kDefaultEntities);
BENCHMARK_CAPTURE(scan, all_entities, kAllEntities);

}  // namespace

BENCHMARK_MAIN();
