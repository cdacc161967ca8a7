// A grok pattern, and a text after a zero byte: expanding, compiling and matching must end.
#include <cstdint>
#include <string_view>

#include "filters/grok/expression.h"
#include "pipeline/base/text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t cut = std::min(input.find('\0'), input.size());
  const std::string_view text = input.substr(std::min(cut + 1, input.size()));
  SharedResources resources;
  GrokExpressionOptions options;
  options.named_captures_only = size % 2 == 0;
  options.time_limit_ms = 50;
  const auto made = GrokExpression::compile(
      input.substr(0, cut), GrokDictionary::stock(GrokSet::legacy), options, resources);
  if (!made.ok() || !is_utf8(text)) return 0;
  Regex::Match match;
  Arena arena;
  if (made.value().regex->search(text, match) != Regex::Outcome::match) return 0;
  for (const GrokCapture& capture : made.value().captures)
    if (const auto part = match.group(capture.group)) {
      (void)grok_integer(*part, arena);
      (void)grok_real(*part);
    }
  return 0;
}
