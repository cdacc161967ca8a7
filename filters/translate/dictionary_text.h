// Dictionary files as entries: YAML, JSON and CSV. Start-up and reload only.
#pragma once

#include <string_view>

#include "filters/translate/dictionary.h"

namespace penstock::translate {

enum class Format : uint8_t { yaml, json, csv };

// Adds what `text` holds to `out`. Bytes that aren't UTF-8 become U+FFFD. Keys that YAML takes for
// something else than text (200, true) are left out, as they never equal a field's text;
// `keys_left_out` counts them.
Status read_dictionary(std::string_view text, Format format, Entries& out, size_t& keys_left_out);

}  // namespace penstock::translate
