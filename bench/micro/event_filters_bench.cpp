// What every filter costs per event: the figure is the time in the filter alone, by the thread's
// clock. The same event comes again and again, so filters that remember (useragent, threat, pii,
// geoip) answer out of memory; in cases with `new_texts` each event has a text of its own.
// PENSTOCK_GEOIP names another database than the small one of the tests.
#include <ctime>

#include "filters/filters.h"
#include "micro/filter_bench.h"

namespace penstock::bench {
namespace {

constexpr std::string_view kBusyEvent =
    R"({"message":"GET /a%20b?q=caf%C3%A9 took 12 ms #00000000","host":"web-1.example.co.uk",)"
    R"("status":200,"took":12.5,"user":"anna","tags":["x"],"items":["a","b","c","d"],)"
    R"("ip":"10.1.2.3","size":"12 MB","pri":"34","csv":"anna,12,\"a b\",true",)"
    R"("pairs":"user=anna took=12 path=\"/a b\" status=200","loopback":"127.0.0.1",)"
    R"("json":"{\"a\":1,\"b\":{\"c\":[1,2,3]},\"d\":\"text\"}","a.b":1,)"
    R"("when":"2026-11-21T10:11:12.345+02:00"})";
constexpr std::string_view kXml =
    R"({"x":"<order id=\"7\"><item sku=\"a1\">2</item><item sku=\"b2\">1</item><note>x</note></order>"})";
constexpr std::string_view kVisit =
    R"({"ip":"81.2.69.142","agent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) )"
    R"(AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36 #00000000"})";
constexpr std::string_view kCard =
    R"({"message":"paid by anna@example.com with 4111-1111-1111-1111 #00000000"})";
constexpr std::string_view kAttack =
    R"({"message":"#00000000","url":"/items?id=1' UNION SELECT password FROM users--"})";
constexpr std::string_view kCombined = R"(match => { "message" => "%{COMBINEDAPACHELOG}" })";

struct Case {
  std::string_view name, filter, options, event = kBusyEvent;
  bool new_texts = false;
};

constexpr Case kCases[] = {
    {"aggregate", "aggregate", R"(task_id => "%{user}" code => "map['n'] = (map['n'] || 0) + 1")"},
    {"alter", "alter", R"(condrewrite => ["user", "anna", "a"])"},
    {"anonymize", "anonymize", R"(fields => ["user"] algorithm => "SHA256" key => "k")"},
    {"bytes", "bytes", R"(source => "size" target => "bytes")"},
    {"cidr", "cidr", R"(address => ["%{ip}"] network => ["192.168.0.0/16", "10.0.0.0/8"])"},
    {"clone", "clone", R"(clones => ["copy"])"},
    {"csv", "csv", R"(source => "csv" columns => ["who", "n", "text", "flag"])"},
    {"date", "date", R"(match => ["when", "ISO8601"])"},
    {"de_dot", "de_dot", ""},
    {"dissect", "dissect", R"(mapping => { "message" => "%{verb} %{path} took %{ms} %{rest}" })"},
    {"dns_hostsfile", "dns",
     R"(reverse => ["loopback"] action => "replace" hostsfile => ["/etc/hosts"])"},
    {"drop", "drop", ""},
    {"elapsed_start", "elapsed", R"(start_tag => "x" end_tag => "y" unique_id_field => "user")"},
    {"environment", "environment", R"(add_metadata_from_env => { "home" => "HOME" })"},
    {"extractnumbers", "extractnumbers", R"(source => "message")"},
    {"fingerprint_sha256", "fingerprint", R"(source => ["message"] method => "SHA256")"},
    {"fingerprint_murmur3", "fingerprint", R"(source => ["message"] method => "MURMUR3")"},
    {"grok_combined_match", "grok", kCombined, kAccessEvent},
    {"grok_combined_no_match", "grok", kCombined, kServiceEvent},
    {"json", "json", R"(source => "json")"},
    {"json_encode", "json_encode", R"(source => "items" target => "text")"},
    {"kv", "kv", R"(source => "pairs")"},
    {"metricize", "metricize", R"(metrics => ["took", "status"] drop_original_event => true)"},
    {"metrics", "metrics", R"(meter => ["s_%{status}"] timer => { "t" => "%{took}" })"},
    {"mutate_rename", "mutate", R"(rename => { "user" => "[user][name]" })"},
    {"mutate_convert", "mutate", R"(convert => { "pri" => "integer" })"},
    {"mutate_gsub", "mutate", R"(gsub => ["message", "\d+", "n"])"},
    {"pii_clean", "pii", ""},
    {"pii_clean_new", "pii", "", kBusyEvent, true},
    {"pii_card", "pii", "", kCard},
    {"pii_card_new", "pii", "", kCard, true},
    {"prune", "prune", R"(whitelist_names => ["^mess", "^host$"])"},
    {"range", "range", R"(ranges => ["took", 0, 99, "field:speed:fast"])"},
    {"ruby_set", "ruby", R"x(code => "event.set('a', 1)")x"},
    {"sleep_seldom", "sleep", R"(time => "0" every => 1000000000)"},
    {"split_4", "split", R"(field => "items")"},
    {"syslog_pri", "syslog_pri", R"(syslog_pri_field_name => "pri")"},
    {"threat_clean", "threat", ""},
    {"threat_clean_new", "threat", "", kBusyEvent, true},
    {"threat_attack", "threat", "", kAttack},
    {"threat_attack_new", "threat", "", kAttack, true},
    {"throttle", "throttle", R"(key => "%{host}%{user}" after_count => 3)"},
    {"tld", "tld", R"(source => "host")"},
    {"translate", "translate",
     R"(source => "status" target => "s" dictionary => { "200" => "OK" "404" => "gone" })"},
    {"translate_replace", "translate",
     R"(source => "message" target => "m" exact => false dictionary => { "took" => "in" })"},
    {"truncate", "truncate", "length_bytes => 10"},
    {"urldecode", "urldecode", ""},
    {"useragent_known", "useragent", R"(source => "agent" target => "ua")", kVisit},
    {"useragent_new", "useragent", R"(source => "agent" target => "ua")", kVisit, true},
    {"uuid", "uuid", R"(target => "id")"},
    {"xml_store", "xml", R"(source => "x" target => "d")", kXml},
    {"xml_xpath", "xml",
     R"(source => "x" store_xml => false xpath => { "/order/item/@sku" => "s" })", kXml},
};

std::string geoip_options() {
  const char* path = std::getenv("PENSTOCK_GEOIP");
  return std::string("source => 'ip' target => 'geo' database => '") +
         (path ? path : "tests/data/geoip/city.mmdb") + "'";
}

// Of kRows events each. Fixed, since the time that counts may be a hundredth of the time it takes.
constexpr int kIterations = 100;

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// The event's JSON with `number` over its eight zeros.
std::string_view numbered(std::string_view json, uint64_t number, Arena& arena) {
  static constexpr std::string_view kZeros = "00000000";
  std::string text(json);
  const std::string digits = std::to_string(100'000'000 + number % 100'000'000);
  text.replace(text.find(kZeros), kZeros.size(), digits, 1, kZeros.size());
  return arena.copy(text);
}

void run_case(benchmark::State& state, const FilterPlugin& plugin, const Case& run) {
  const auto filter = make_filter(plugin, run.options);
  Batch batch;
  JsonReader reader;
  std::vector<Row> rows, matched;
  uint64_t made = 0;
  for (auto _ : state) {
    batch.reset();
    rows.clear();
    matched.clear();
    for (uint32_t i = 0; i < kRows; ++i) {
      rows.push_back(batch.append());
      Value document;
      (void)reader.read(run.new_texts ? numbered(run.event, ++made, batch.arena()) : run.event,
                        batch.arena(), document);
      (void)batch[rows.back()].adopt(document, {1'795'255'200, 0});
    }
    const double begin = thread_seconds();
    filter->apply(batch, rows, matched);
    state.SetIterationTime(thread_seconds() - begin);
    benchmark::DoNotOptimize(matched.data());
  }
  count_events(state);
}

void add(const FilterPlugin& plugin, const Case& run) {
  benchmark::RegisterBenchmark(
      std::string(run.name).c_str(),
      [&plugin, run](benchmark::State& state) { run_case(state, plugin, run); })
      ->Iterations(kIterations)
      ->UseManualTime();
}

// memcached has no run of its own: it is refused.
[[maybe_unused]] const bool kRegistered = [] {
  static const std::string geoip = geoip_options();
  for (const FilterPlugin& plugin : all_filters()) {
    bool any = plugin.info.name == "memcached";
    for (const Case& run : kCases)
      if (run.filter == plugin.info.name) add(plugin, run), any = true;
    if (plugin.info.name == "geoip") add(plugin, {"geoip", "geoip", geoip, kVisit}), any = true;
    if (any) continue;
    std::fprintf(stderr, "no benchmark of %s\n", std::string(plugin.info.name).c_str());
    std::abort();
  }
  return true;
}();

}  // namespace
}  // namespace penstock::bench
