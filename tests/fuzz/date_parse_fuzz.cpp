// Date patterns, texts and zone files, all from outside. The first byte picks what the rest is.
// A text that parses must print and parse again to the same instant where the pattern is exact.
#include <cstdint>
#include <string_view>

#include "filters/date/formats.h"
#include "pipeline/base/check.h"
#include "pipeline/event/date/zone_rules.h"
#include "pipeline/event/date_format.h"
#include "pipeline/event/value.h"

namespace penstock {
namespace {

// "pattern\ntext"
void pattern_and_text(std::string_view input, DateSyntax syntax) {
  const size_t end = input.find('\n');
  if (end == input.npos) return;
  const auto format = DateFormat::compile(input.substr(0, end), syntax);
  if (!format.ok()) return;
  const auto zone = TimeZone::find("Europe/Berlin");
  const TimeZone& where = zone.ok() ? *zone.value() : *TimeZone::utc();
  const auto parsed = format.value().parse(input.substr(end + 1), where, 2000);
  std::string out;
  format.value().append(parsed ? parsed->instant : Instant{}, where, out);
  CHECK(!parsed || parsed->instant.nanoseconds < 1'000'000'000, "a fraction above a second");
}

void iso8601(std::string_view text) {
  const auto parsed = date::parse_iso8601(text, *TimeZone::utc());
  (void)date::parse_tai64n(text);
  (void)date::parse_unix(text);
  (void)date::parse_unix_ms(text);
  if (!parsed || parsed->seconds > 200'000'000'000 || parsed->seconds < -60'000'000'000) return;
  char again[40];
  const size_t size = format_instant(*parsed, again);
  const auto twice = date::parse_iso8601({again, size}, *TimeZone::utc());
  CHECK(twice && *twice == *parsed, "a printed instant must read back");
}

void zone_file(std::string_view bytes) {
  const auto rules = date::ZoneRules::read(bytes);
  if (!rules) return;
  for (int64_t second = -5'000'000'000; second < 20'000'000'000; second += 777'777'777) {
    CHECK(rules->at(second).offset >= -26 * 3600, "an offset out of bounds");
    (void)rules->offset_of_local(second);
  }
}

}  // namespace
}  // namespace penstock

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'p':
      penstock::pattern_and_text(rest, penstock::DateSyntax::joda);
      break;
    case 'j':
      penstock::pattern_and_text(rest, penstock::DateSyntax::java);
      break;
    case 'z':
      penstock::zone_file(rest);
      break;
    default:
      penstock::iso8601(rest);
  }
  return 0;
}
