// What the ruby filter costs per event. Subtract `event` (making the event).
#include "filters/ruby.h"
#include "micro/filter_bench.h"

namespace penstock {
namespace {

using bench::kEvent;

void event(benchmark::State& state) { bench::run_filter(state, nullptr, "", kEvent); }
BENCHMARK(event);

void script(benchmark::State& state, const char* options) {
  const auto plugin = ruby_filter();
  bench::run_filter(state, &plugin, options, kEvent);
}
BENCHMARK_CAPTURE(script, nothing, R"x(code => "")x");
BENCHMARK_CAPTURE(script, set, R"x(code => "event.set('a', 1)")x");
BENCHMARK_CAPTURE(script, get_set, R"x(code => "event.set('a', event.get('path'))")x");
BENCHMARK_CAPTURE(script, arithmetic,
                  R"x(code => "event.set('ms', (event.get('took').to_f * 1000).to_i)")x");
BENCHMARK_CAPTURE(script, split_each, R"x(code => "
  event.get('csv').split(',').each_with_index { |x, i| event.set('f' + i.to_s, x) }")x");
BENCHMARK_CAPTURE(script, to_hash, R"x(code => "
  event.to_hash.each { |k, v| event.remove(k) if v.nil? }")x");

void start(benchmark::State& state) {
  const auto plugin = ruby_filter();
  for (auto _ : state) benchmark::DoNotOptimize(bench::make_filter(plugin, R"x(code => "1")x"));
}
BENCHMARK(start);

}  // namespace
}  // namespace penstock
