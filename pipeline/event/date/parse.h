// Text to instants, by a compiled pattern, as Joda-Time does it. For pipeline/event and
// filters/date.
// Immutable, thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "pipeline/event/date/pattern.h"

namespace penstock::date {

// The spellings of a field's names: as they are, in lower case and in capitals, long and short.
class NameTable {
 public:
  NameTable(Field field, const Locale& locale);
  // The longest name that `text` starts with: its number and length; length 0 when none.
  struct Found {
    uint32_t number = 0;
    size_t length = 0;
  };
  Found find(std::string_view text) const;

 private:
  struct Spelling {
    std::string text;
    uint32_t number;
  };
  std::vector<Spelling> spellings_;    // by first byte, then longest first
  std::array<uint16_t, 257> first_{};  // where the spellings with a first byte begin
};

class Parser {
 public:
  explicit Parser(const Pattern& pattern);  // borrows it

  std::optional<DateFormat::Parsed> parse(std::string_view text, const TimeZone& zone,
                                          int64_t default_year) const;

 private:
  struct Bucket;
  bool read(std::string_view text, Bucket& bucket) const;
  bool read_step(const Step& step, size_t index, std::string_view& rest, Bucket& bucket) const;

  struct Zone {
    std::string_view name;
    std::shared_ptr<const TimeZone> zone;
  };
  const Pattern& pattern_;
  std::vector<std::unique_ptr<NameTable>> names_;  // by step
  std::vector<Zone> zones_;                        // EST and such, when the pattern has a name
  int64_t pivot_year_;                             // for years of two digits
};

// An optional sign, then digits. Reads at most `digits_max` digits; false when there are none.
bool read_number(std::string_view& rest, size_t digits_max, bool with_sign, int64_t& value);
// ".123": up to `digits_max` digits as nanoseconds of a unit of `unit_nanoseconds`.
bool read_fraction(std::string_view& rest, size_t digits_max, int64_t unit_nanoseconds,
                   int64_t& nanoseconds);
// "+02:00", "-0530", "+01", "Z" (with `zulu`).
bool read_offset(std::string_view& rest, bool zulu, int32_t& seconds);

}  // namespace penstock::date
