// Any text as a CSV line: parsing ends without a crash, fields are well-formed, and a row that is
// written again with all fields quoted reads back the same.
// Input: a byte that picks separator and quote, then the text.
#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/base/check.h"
#include "pipeline/base/text.h"
#include "pipeline/csv/row_parser.h"

namespace {

using namespace penstock;

const char* const kSeparators[] = {",", ";", "||", "\t"};
const char* const kQuotes[] = {"\"", "'"};

std::string written(const std::vector<csv::Field>& fields, const std::string& separator,
                    char quote) {
  std::string out;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i) out += separator;
    if (fields[i].is_null) continue;
    out += quote;
    for (const char c : fields[i].text) out.append(c == quote ? 2 : 1, c);
    out += quote;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text =
      replace_invalid_utf8({reinterpret_cast<const char*>(data) + 1, size - 1});
  const std::string separator = kSeparators[data[0] & 3], quote = kQuotes[data[0] >> 2 & 1];
  csv::RowParser parser(separator, quote);
  Arena arena;
  std::vector<csv::Field> fields, again;
  if (parser.parse(text, arena, fields) != csv::Outcome::row) return 0;
  for (const csv::Field& field : fields) {
    CHECK(is_utf8(field.text), "a field cuts no character");
    CHECK(!field.is_null || field.text.empty(), "null has no text");
  }
  // A row of one null is an empty line, which reads as a row without fields.
  if (fields.empty()) return 0;
  const std::string copy = written(fields, separator, quote[0]);
  CHECK(parser.parse(copy, arena, again) == csv::Outcome::row, "what was read can be written");
  CHECK(again.size() == fields.size(), "as many fields");
  for (size_t i = 0; i < fields.size(); ++i)
    CHECK(again[i].text == fields[i].text && again[i].is_null == fields[i].is_null, "the same");
  return 0;
}
