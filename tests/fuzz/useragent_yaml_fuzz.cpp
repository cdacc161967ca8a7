// Rules from anywhere: reading them and matching with them must end, without a crash.
#include <cstdint>
#include <string>

#include "filters/useragent/rules.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 64 << 10) return 0;
  using namespace penstock;
  const auto rules = UserAgentRules::parse({reinterpret_cast<const char*>(data), size});
  if (!rules.ok()) return 0;
  Regex::Match match;
  for (const std::string_view text :
       {"Edgish/1.2.3 (Windows NT 10.0; pear x) Toaster", "Chromish/1.2 xyz-agent 12 Penguin 1.2"})
    (void)rules.value()->match(text, match);
  return 0;
}
