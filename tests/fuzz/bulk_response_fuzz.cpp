// Any answer to a bulk request: understood or refused, and never with more failures than items.
#include <cstddef>
#include <cstdint>

#include "outputs/elasticsearch/bulk_response.h"
#include "pipeline/base/check.h"
#include "pipeline/base/text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static penstock::elastic::BulkResponseParser parser;
  const uint32_t documents = data[0] % 4;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto parsed = parser.parse(text, documents);
  if (parsed.ok()) {
    CHECK(parsed.value().size() <= documents, "at most one failure per item");
    uint32_t next = 0;
    for (const auto& failure : parsed.value()) {
      CHECK(failure.document >= next && failure.document < documents, "positions ascend");
      CHECK(penstock::is_utf8(failure.outcome.reason), "reasons are text");
      next = failure.document + 1;
    }
  }
  CHECK(penstock::is_utf8(parser.error_reason(text)), "reasons are text");
  return 0;
}
