// What the json filter costs per event of about 540 bytes. Subtract `event` (making the event).
#include "filters/json.h"
#include "micro/filter_bench.h"
#include "pipeline/event/json_writer.h"

namespace penstock {
namespace {

constexpr std::string_view kDocument =
    R"({"asctime":"2026-11-21 10:11:12,345","levelname":"INFO","name":"django.request",)"
    R"("module":"views","process":4711,"thread":140245,"message":"GET /api/v1/orders/98765 200",)"
    R"("correlation_id":"6f1c2a52-8a0e-4c0b-9d0f-2f4f6a7b8c9d","user_id":12345,"ip":"203.0.113.7",)"
    R"("user_agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) )"
    R"(Chrome/130.0.0.0 Safari/537.36","method":"GET","path":"/api/v1/orders/98765",)"
    R"("status_code":200,"request_duration":0.123,"db_queries":7,"environment":"production",)"
    R"("host":{"name":"web-1","region":"eu-central"}})";

std::string wrapped() {
  ByteBuffer out;
  out.append("{\"message\":");
  write_json_string(kDocument, out);
  out.append("}");
  return std::string(out.view());
}

void event(benchmark::State& state) { bench::run_filter(state, nullptr, "", wrapped()); }
BENCHMARK(event);

void root(benchmark::State& state) {
  const auto plugin = json_filter();
  bench::run_filter(state, &plugin, R"(source => "message")", wrapped());
}
BENCHMARK(root);

void target(benchmark::State& state) {
  const auto plugin = json_filter();
  bench::run_filter(state, &plugin, R"(source => "message" target => "doc")", wrapped());
}
BENCHMARK(target);

void malformed(benchmark::State& state) {
  const auto plugin = json_filter();
  bench::run_filter(state, &plugin, R"(source => "message")",
                    R"({"message":"GET / HTTP/1.1 200"})");
}
BENCHMARK(malformed);

void reader_alone(benchmark::State& state) {
  Arena arena;
  JsonReader reader;
  Value value;
  for (auto _ : state) {
    arena.reset();
    benchmark::DoNotOptimize(reader.read(kDocument, arena, value));
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kDocument.size()));
}
BENCHMARK(reader_alone);

}  // namespace
}  // namespace penstock
