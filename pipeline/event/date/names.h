// Names of months, weekdays, halves of the day and eras in the languages that we know, as the
// Unicode CLDR gives them (which is where Java takes them from). Immutable, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace penstock::date {

enum class Width : uint8_t { abbreviated, full, narrow };

struct Locale {
  std::string_view id;
  std::array<std::string_view, 12> months_full;
  std::array<std::string_view, 12> months_abbreviated;
  std::array<std::string_view, 7> days_full;  // Monday first
  std::array<std::string_view, 7> days_abbreviated;
  std::array<std::string_view, 2> halfdays;          // before noon, after
  std::array<std::string_view, 2> eras_abbreviated;  // before the common era, after
  std::array<std::string_view, 2> eras_full;
};

// By language tag: "de", "de-AT", "de_AT.UTF-8". nullptr when the language isn't known.
const Locale* find_locale(std::string_view tag);
const Locale& english();

}  // namespace penstock::date
