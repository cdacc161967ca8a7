// The first row of a CSV text, as Ruby's CSV.parse_line reads it (strictly: csv 3.3, which comes
// with Logstash 9). One per worker.
//
// - The row ends at the text's own line end: "\n", "\r\n" or "\r", whichever comes first. Other
//   line ends may only stand inside quotes.
// - A quoted field holds anything, a doubled quote for a quote; after it only a separator or the
//   end may come. A quote inside an unquoted field is an error.
// - An empty field is null; "" is the empty text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/arena.h"

namespace penstock::csv {

struct Field {
  std::string_view text;
  bool is_null = false;
};

// A row of more is malformed.
inline constexpr size_t kFieldsMax = 100'000;

enum class Outcome : uint8_t { row, empty, malformed };  // empty: there is no row

class RowParser {
 public:
  // REQUIRES: `separator` isn't empty, `quote` is one character.
  RowParser(std::string separator, std::string quote)
      : separator_(std::move(separator)), quote_(std::move(quote)) {}

  // Fields view `text` or lie in the arena. An empty line is a row without fields.
  Outcome parse(std::string_view text, Arena& arena, std::vector<Field>& fields);

 private:
  bool split_line(std::string_view line, std::vector<Field>& fields) const;
  Outcome parse_strictly(Arena& arena, std::vector<Field>& fields);
  bool take_value(Arena& arena, Field& field);
  bool take_quoted(Arena& arena, Field& field);
  void take_unquoted(Field& field);
  size_t unquoted_end(size_t from) const;
  size_t take_quotes();
  bool take(std::string_view part);

  std::string separator_, quote_;
  std::string_view row_end_;  // of the text being parsed
  std::string_view rest_;     // what is still to be parsed
};

}  // namespace penstock::csv
