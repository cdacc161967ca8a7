// What the date filter and its parsers cost per event. Subtract `event` (making the event) from
// the filter's rows.
#include "filters/date.h"
#include "filters/date/formats.h"
#include "micro/filter_bench.h"
#include "pipeline/event/interpolate.h"

namespace penstock {
namespace {

constexpr std::string_view kEvent =
    R"({"d":"21/Nov/2026:10:11:12 +0100","i":"2026-11-21T10:11:12.345Z"})";

void event(benchmark::State& state) { bench::run_filter(state, nullptr, "", kEvent); }
BENCHMARK(event);

void filter_access_log(benchmark::State& state) {
  const auto plugin = date_filter();
  bench::run_filter(state, &plugin, R"(match => [ "d", "dd/MMM/yyyy:HH:mm:ss Z" ])", kEvent);
}
BENCHMARK(filter_access_log);

void filter_iso8601(benchmark::State& state) {
  const auto plugin = date_filter();
  bench::run_filter(state, &plugin, R"(match => [ "i", "ISO8601" ])", kEvent);
}
BENCHMARK(filter_iso8601);

void parse_pattern(benchmark::State& state, const char* pattern, const char* text,
                   const char* zone_name) {
  const auto format = std::move(DateFormat::compile(pattern, DateSyntax::joda)).value();
  const auto zone = TimeZone::find(zone_name).value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(text);
    benchmark::DoNotOptimize(format.parse(text, *zone, 2000));
  }
}
BENCHMARK_CAPTURE(parse_pattern, access_log, "dd/MMM/yyyy:HH:mm:ss Z", "21/Nov/2026:10:11:12 +0100",
                  "UTC");
BENCHMARK_CAPTURE(parse_pattern, django, "yyyy-MM-dd HH:mm:ss,SSS", "2026-11-21 10:11:12,345",
                  "UTC");
BENCHMARK_CAPTURE(parse_pattern, django_in_berlin, "yyyy-MM-dd HH:mm:ss,SSS",
                  "2026-11-21 10:11:12,345", "Europe/Berlin");
BENCHMARK_CAPTURE(parse_pattern, syslog, "MMM dd HH:mm:ss", "Nov 21 10:11:12", "UTC");

void parse_iso8601(benchmark::State& state) {
  const std::string_view text = "2026-11-21T10:11:12.345Z";
  for (auto _ : state) {
    benchmark::DoNotOptimize(text);
    benchmark::DoNotOptimize(date::parse_iso8601(text, *TimeZone::utc()));
  }
}
BENCHMARK(parse_iso8601);

// The daily index name: the date is printed once a day.
void index_name(benchmark::State& state) {
  const auto name = std::move(Template::parse("aura-logs-%{+YYYY.MM.dd}")).value();
  Batch batch;
  const Row row = batch.append();
  batch[row].complete({1'795'255'200, 0});
  std::string out;
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(name.append(batch[row], out));
  }
}
BENCHMARK(index_name);

}  // namespace
}  // namespace penstock
