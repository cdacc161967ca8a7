// An expression and a text: compiling and searching must end, soon, without a crash.
// Input: the expression, a zero byte, the text.
#include <cstdint>
#include <string_view>

#include "pipeline/base/regex.h"
#include "pipeline/base/text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using penstock::Regex;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t cut = std::min(input.find('\0'), input.size());
  const std::string_view text = input.substr(std::min(cut + 1, input.size()));
  for (const bool ignore_case : {false, true}) {
    const auto regex =
        Regex::compile(input.substr(0, cut),
                       {.ignore_case = ignore_case, .match_limit = 5'000, .time_limit_ms = 100});
    if (!regex.ok() || !penstock::is_utf8(text)) continue;
    Regex::Match match;
    for (size_t from = 0, found = 0; found < 20 && from <= text.size(); ++found) {
      if (regex.value()->search(text, from, match) != Regex::Outcome::match) break;
      for (uint32_t group = 0; group <= regex.value()->groups(); ++group) (void)match.group(group);
      from = std::max(match.end(), from + 1);
      while (from < text.size() && (text[from] & 0xC0) == 0x80) ++from;
    }
  }
  return 0;
}
