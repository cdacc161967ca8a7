// JSON text (RFC 8259) to Values, fully validated, without copying: strings view the text,
// numbers keep their digits.
//
// The first stage (UTF-8, string boundaries, structural characters) is simdjson's; the second
// walks its index once and builds our Values directly, which saves simdjson's tape and number
// parsing. A differential fuzz target holds the two against each other.
//
// Strict: no comments, no trailing commas, no NaN, one value per text. Duplicate keys: the last
// value wins, at the first one's place. A lone surrogate escape becomes U+FFFD.
// One reader per thread.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "pipeline/event/value.h"

namespace penstock {

class JsonReader {
 public:
  enum class Outcome : uint8_t { ok, empty, malformed, invalid_utf8, too_deep, too_large };

  JsonReader();
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  // `text` must outlive `out` (it is viewed); no padding is asked for.
  Outcome read(std::string_view text, Arena& arena, Value& out);

  static std::string_view describe(Outcome outcome);

 private:
  struct Scanner;  // simdjson's stage one and its index
  struct Walk;     // the state of one read()

  std::unique_ptr<Scanner> scanner_;
  std::vector<Member> members_;  // of the objects being read, a stack
  std::vector<Value> items_;     // of the arrays being read, a stack
};

}  // namespace penstock
