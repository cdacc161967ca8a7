// What grok costs per event on lines that match and on lines that don't. Subtract `event` (making
// the event from JSON), which has the same text.
#include "filters/grok.h"

#include "micro/filter_bench.h"

namespace penstock {
namespace {

using bench::kAccessEvent;
using bench::kServiceEvent;

// Begins as an access line does and breaks off late.
constexpr std::string_view kNearly =
    R"({"message":"83.149.9.216 - frank [17/May/2015:10:05:03 +0000] \"GET /presentations/logstash-monitorama-2013/images/kibana-search.png HTTP/1.1\" 200 203023 \"http://semicomplete.com/"})";
constexpr std::string_view kSyslog =
    R"({"message":"Nov 21 10:11:12 web-1 sshd[4242]: Failed password for root from 203.0.113.9 port 22 ssh2"})";

void event(benchmark::State& state, std::string_view json) {
  bench::run_filter(state, nullptr, "", json);
}
BENCHMARK_CAPTURE(event, access, kAccessEvent);
BENCHMARK_CAPTURE(event, other, kServiceEvent);
BENCHMARK_CAPTURE(event, nearly, kNearly);
BENCHMARK_CAPTURE(event, syslog, kSyslog);

void grok(benchmark::State& state, const char* options, std::string_view json) {
  const auto plugin = grok_filter();
  bench::run_filter(state, &plugin, options, json);
}
constexpr const char* kCombined =
    R"(match => { "message" => "%{COMBINEDAPACHELOG}" } ecs_compatibility => disabled)";
BENCHMARK_CAPTURE(grok, combined_match, kCombined, kAccessEvent);
BENCHMARK_CAPTURE(grok, combined_other, kCombined, kServiceEvent);
BENCHMARK_CAPTURE(grok, combined_nearly, kCombined, kNearly);
BENCHMARK_CAPTURE(grok, syslog_match, R"(match => { "message" => "%{SYSLOGLINE}" })", kSyslog);
BENCHMARK_CAPTURE(grok, syslog_other, R"(match => { "message" => "%{SYSLOGLINE}" })",
                  kServiceEvent);
BENCHMARK_CAPTURE(
    grok, data_match,
    R"(match => { "message" => "^%{TIMESTAMP_ISO8601:t} %{LOGLEVEL:l} \[%{DATA:th}\] %{GREEDYDATA:m}" })",
    kServiceEvent);

}  // namespace
}  // namespace penstock
