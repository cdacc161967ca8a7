// What each operation of mutate costs per event. Subtract `event` (making the event).
#include "filters/mutate.h"
#include "micro/filter_bench.h"

namespace penstock {
namespace {

using bench::kEvent;

void event(benchmark::State& state) { bench::run_filter(state, nullptr, "", kEvent); }
BENCHMARK(event);

void operation(benchmark::State& state, const char* options) {
  const auto plugin = mutate_filter();
  bench::run_filter(state, &plugin, options, kEvent);
}
BENCHMARK_CAPTURE(operation, none, "");
BENCHMARK_CAPTURE(operation, rename, R"(rename => { "level" => "severity" })");
BENCHMARK_CAPTURE(operation, rename_nested, R"(rename => { "level" => "[log][level]" })");
BENCHMARK_CAPTURE(operation, replace, R"(replace => { "level" => "%{status} %{path}" })");
BENCHMARK_CAPTURE(operation, convert_integer, R"(convert => { "status" => "integer" })");
BENCHMARK_CAPTURE(operation, convert_float, R"(convert => { "took" => "float" })");
BENCHMARK_CAPTURE(operation, gsub, R"(gsub => [ "path", "/\d+", "/:id" ])");
BENCHMARK_CAPTURE(operation, gsub_no_match, R"(gsub => [ "path", "[?#]", "" ])");
BENCHMARK_CAPTURE(operation, lowercase, R"(lowercase => [ "level" ])");
BENCHMARK_CAPTURE(operation, strip, R"(strip => [ "path" ])");
BENCHMARK_CAPTURE(operation, split, R"(split => { "csv" => "," })");
BENCHMARK_CAPTURE(operation, join, R"(join => { "list" => "," })");
BENCHMARK_CAPTURE(operation, merge, R"(merge => { "list" => "level" })");
BENCHMARK_CAPTURE(operation, copy, R"(copy => { "host" => "server" })");

}  // namespace
}  // namespace penstock
