// What grok costs per event on lines that match and on lines that don't. Subtract `event` (making
// the event from JSON), which has the same text.
#include "filters/grok.h"

#include "micro/filter_bench.h"

namespace penstock {
namespace {

constexpr std::string_view kAccess =
    R"({"message":"83.149.9.216 - frank [17/May/2015:10:05:03 +0000] \"GET /presentations/logstash-monitorama-2013/images/kibana-search.png HTTP/1.1\" 200 203023 \"http://semicomplete.com/presentations/logstash-monitorama-2013/\" \"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36\""})";
constexpr std::string_view kOther =
    R"({"message":"2026-11-21T10:11:12.345+02:00 ERROR [main] com.example.Service - request 123e4567-e89b-12d3-a456-426614174000 from a.b+c@example.co.uk failed after 1234 ms: connection to 10.1.2.3:5432 refused, retrying in 30 s (attempt 3 of 10), giving up afterwards"})";
// Begins as an access line does and breaks off late.
constexpr std::string_view kNearly =
    R"({"message":"83.149.9.216 - frank [17/May/2015:10:05:03 +0000] \"GET /presentations/logstash-monitorama-2013/images/kibana-search.png HTTP/1.1\" 200 203023 \"http://semicomplete.com/"})";
constexpr std::string_view kSyslog =
    R"({"message":"Nov 21 10:11:12 web-1 sshd[4242]: Failed password for root from 203.0.113.9 port 22 ssh2"})";

void event(benchmark::State& state, std::string_view json) {
  bench::run_filter(state, nullptr, "", json);
}
BENCHMARK_CAPTURE(event, access, kAccess);
BENCHMARK_CAPTURE(event, other, kOther);
BENCHMARK_CAPTURE(event, nearly, kNearly);
BENCHMARK_CAPTURE(event, syslog, kSyslog);

void grok(benchmark::State& state, const char* options, std::string_view json) {
  const auto plugin = grok_filter();
  bench::run_filter(state, &plugin, options, json);
}
constexpr const char* kCombined =
    R"(match => { "message" => "%{COMBINEDAPACHELOG}" } ecs_compatibility => disabled)";
BENCHMARK_CAPTURE(grok, combined_match, kCombined, kAccess);
BENCHMARK_CAPTURE(grok, combined_other, kCombined, kOther);
BENCHMARK_CAPTURE(grok, combined_nearly, kCombined, kNearly);
BENCHMARK_CAPTURE(grok, syslog_match, R"(match => { "message" => "%{SYSLOGLINE}" })", kSyslog);
BENCHMARK_CAPTURE(grok, syslog_other, R"(match => { "message" => "%{SYSLOGLINE}" })", kOther);
BENCHMARK_CAPTURE(
    grok, data_match,
    R"(match => { "message" => "^%{TIMESTAMP_ISO8601:t} %{LOGLEVEL:l} \[%{DATA:th}\] %{GREEDYDATA:m}" })",
    kOther);

}  // namespace
}  // namespace penstock
