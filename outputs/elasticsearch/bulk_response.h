// What an engine answers to a `_bulk` request, checked: one outcome per item, in order. An answer
// that isn't exactly that is no answer, and the request is repeated. One parser per thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/result.h"

namespace penstock::elastic {

struct ItemOutcome {
  int status = 0;
  std::string error_type;  // "" when the item succeeded
  std::string reason;      // "type: reason", at most kReasonBytesMax
};

// Items with a status outside 200..299, by position.
struct ItemFailure {
  uint32_t document;
  ItemOutcome outcome;
};

class BulkResponseParser {
 public:
  static constexpr size_t kReasonBytesMax = 1024;

  BulkResponseParser();
  ~BulkResponseParser();

  // `text` is the body of a 200 answer to a bulk of `documents` items.
  Result<std::vector<ItemFailure>> parse(std::string_view text, uint32_t documents);
  // The reason in the body of a refused request, "" when it has none that can be understood.
  std::string error_reason(std::string_view text);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::elastic
