// What a user agent costs: found in the cache, taken apart anew, and loading the rules. Reads
// uap-core's file of Debian's package.
#include "filters/useragent.h"

#include "filters/useragent/rules.h"
#include "micro/filter_bench.h"

namespace penstock {
namespace {

constexpr const char* kRules = "/usr/share/uap-core/regexes.yaml";
constexpr std::string_view kAgents[] = {
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/119.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/119.0.6045.66 Mobile Safari/537.36",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "curl/8.4.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:120.0) Gecko/20100101 Firefox/120.0"};

void event(benchmark::State& state) {
  bench::run_filter(state, nullptr, "", R"({"ua":")" + std::string(kAgents[0]) + R"("})");
}
BENCHMARK(event);

void cache_hit(benchmark::State& state) {
  const auto plugin = useragent_filter();
  bench::run_filter(state, &plugin, "source => 'ua'",
                    R"({"ua":")" + std::string(kAgents[0]) + R"("})");
}
BENCHMARK(cache_hit);

void miss(benchmark::State& state) {
  const auto rules = UserAgentRules::load(kRules);
  if (!rules.ok()) return state.SkipWithError("no rules");
  Regex::Match match;
  size_t next = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(rules.value()->match(kAgents[next++ % std::size(kAgents)], match));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
}
BENCHMARK(miss);

void load(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(UserAgentRules::load(kRules).ok());
}
BENCHMARK(load)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace penstock
