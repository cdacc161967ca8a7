// Whatever a client sends: a verdict, and a path without control characters.
#include <cstdint>

#include "pipeline/base/check.h"
#include "pipeline/metrics/http_request.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  penstock::HttpRequest request;
  const std::string_view head(reinterpret_cast<const char*>(data), size);
  if (penstock::parse_http_request(head, request) != penstock::HttpParse::ok) return 0;
  CHECK(!request.method.empty() && request.path.starts_with('/'), "a request has a path");
  for (const char c : request.path)
    CHECK(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "no control characters");
  return 0;
}
