// What decoding costs per record: cef (both modes), csv, msgpack, and json for comparison; each
// with its own arena, warm. Beside each, bytes per second.
#include "codecs/codecs.h"
#include "codecs/msgpack/writer.h"
#include "micro/filter_bench.h"
#include "pipeline/plugin/registry.h"

namespace penstock {
namespace {

constexpr std::string_view kCef =
    "CEF:0|Security|threatmanager|1.0|100|worm successfully stopped|10|src=10.0.0.1 spt=1232 "
    "dst=2.1.2.2 dpt=443 proto=TCP act=blocked suser=anna msg=Worm successfully stopped "
    "request=https://example.com/a/b?c\\=d cs1Label=policy cs1=default deny rt=1500464384997";

constexpr std::string_view kCsv =
    "2026-11-21 10:11:12,203.0.113.7,51234,198.51.100.20,443,tcp,accept,1834,92311,12,web-1,"
    "Mozilla/5.0 (X11; Linux x86_64)";

constexpr std::string_view kJson =
    R"x({"time":"2026-11-21 10:11:12","source":"203.0.113.7","port":51234,)x"
    R"x("destination":"198.51.100.20","service":443,"protocol":"tcp","action":"accept",)x"
    R"x("sent":1834,"received":92311,"duration":12,"server":"web-1",)x"
    R"x("agent":"Mozilla/5.0 (X11; Linux x86_64)"})x";

const CodecPlugin& codec(std::string_view name) {
  for (const CodecPlugin& plugin : all_codecs())
    if (plugin.info.name == name) return plugin;
  std::abort();
}

std::unique_ptr<Decoder> make_decoder(std::string_view name, Ecs ecs) {
  static bench::NoMetrics metrics;
  PluginNode node;
  node.name = std::string(name);
  Errors errors;
  const Settings settings = Settings::check(PluginKind::codec, codec(name).info, node, errors);
  Context context;
  context.metrics = &metrics;
  context.ecs = ecs;
  return std::move(codec(name).make_decoder(settings, context)).value();
}

void run(benchmark::State& state, std::string_view name, std::string_view record,
         Ecs ecs = Ecs::disabled) {
  const auto decoder = make_decoder(name, ecs);
  Batch batch;
  for (auto _ : state) {
    batch.reset();
    for (uint32_t i = 0; i < bench::kRows; ++i) decoder->decode(record, batch);
    benchmark::DoNotOptimize(batch.size());
  }
  const auto records = static_cast<int64_t>(state.iterations()) * bench::kRows;
  state.SetItemsProcessed(records);
  state.SetBytesProcessed(records * static_cast<int64_t>(record.size()));
  state.counters["ns/event"] =
      benchmark::Counter(static_cast<double>(records) * 1e-9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

std::string as_msgpack(std::string_view json) {
  JsonReader reader;
  Arena arena;
  Value value;
  (void)reader.read(json, arena, value);
  ByteBuffer out;
  msgpack::write(value, out);
  return std::string(out.view());
}

void json(benchmark::State& state) { run(state, "json", kJson); }
BENCHMARK(json);
void msgpack_same(benchmark::State& state) { run(state, "msgpack", as_msgpack(kJson)); }
BENCHMARK(msgpack_same);
void csv_same(benchmark::State& state) { run(state, "csv", kCsv); }
BENCHMARK(csv_same);
void cef_plain(benchmark::State& state) { run(state, "cef", kCef); }
BENCHMARK(cef_plain);
void cef_ecs(benchmark::State& state) { run(state, "cef", kCef, Ecs::v8); }
BENCHMARK(cef_ecs);

}  // namespace
}  // namespace penstock
