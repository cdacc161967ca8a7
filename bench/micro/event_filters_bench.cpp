// What the smaller filters cost per event. Subtract the first line: the batch itself.
#include "bench/micro/filter_bench.h"
#include "filters/filters.h"

namespace penstock::bench {
namespace {

constexpr std::string_view kEvent =
    R"({"message":"GET /a%20b?q=caf%C3%A9 took 12 ms","host":"web-1.example.co.uk","status":200,)"
    R"("took":12.5,"user":"anna","tags":["x"],"items":["a","b","c","d"]})";
constexpr std::string_view kXml =
    R"({"x":"<order id=\"7\"><item sku=\"a1\">2</item><item sku=\"b2\">1</item><note>x</note></order>"})";

void BM_Filter(benchmark::State& state, std::string_view name, std::string_view options,
               std::string_view event) {
  const FilterPlugin* plugin = nullptr;
  for (const FilterPlugin& candidate : all_filters())
    if (candidate.info.name == name) plugin = &candidate;
  run_filter(state, plugin, options, event);
}

BENCHMARK_CAPTURE(BM_Filter, nothing, "", "", kEvent);
BENCHMARK_CAPTURE(BM_Filter, split_4, "split", R"(field => "items")", kEvent);
BENCHMARK_CAPTURE(BM_Filter, prune_names, "prune", R"(whitelist_names => ["^mess", "^host$"])",
                  kEvent);
BENCHMARK_CAPTURE(BM_Filter, truncate, "truncate", "length_bytes => 10", kEvent);
BENCHMARK_CAPTURE(BM_Filter, urldecode, "urldecode", "", kEvent);
BENCHMARK_CAPTURE(BM_Filter, uuid, "uuid", R"(target => "id")", kEvent);
BENCHMARK_CAPTURE(BM_Filter, range, "range", R"(ranges => ["took", 0, 99, "field:speed:fast"])",
                  kEvent);
BENCHMARK_CAPTURE(BM_Filter, translate, "translate",
                  R"(source => "status" dictionary => { "200" => "OK" "404" => "gone" })", kEvent);
BENCHMARK_CAPTURE(
    BM_Filter, translate_replace, "translate",
    R"(source => "message" exact => false dictionary => { "took" => "in" "GET" => "get" })",
    kEvent);
BENCHMARK_CAPTURE(BM_Filter, throttle, "throttle", R"(key => "%{host}%{user}" after_count => 3)",
                  kEvent);
BENCHMARK_CAPTURE(BM_Filter, metrics, "metrics",
                  R"(meter => ["s_%{status}"] timer => { "t" => "%{took}" })", kEvent);
BENCHMARK_CAPTURE(BM_Filter, elapsed_start, "elapsed",
                  R"(start_tag => "x" end_tag => "y" unique_id_field => "user")", kEvent);
BENCHMARK_CAPTURE(BM_Filter, tld, "tld", R"(source => "host")", kEvent);
BENCHMARK_CAPTURE(BM_Filter, xml_nothing, "", "", kXml);
BENCHMARK_CAPTURE(BM_Filter, xml_store, "xml", R"(source => "x" target => "d")", kXml);
BENCHMARK_CAPTURE(BM_Filter, xml_xpath, "xml",
                  R"(source => "x" store_xml => false xpath => { "/order/item/@sku" => "s" })",
                  kXml);
BENCHMARK_CAPTURE(BM_Filter, aggregate, "aggregate",
                  R"(task_id => "%{user}" code => "map['n'] = (map['n'] || 0) + 1")", kEvent);

}  // namespace
}  // namespace penstock::bench
