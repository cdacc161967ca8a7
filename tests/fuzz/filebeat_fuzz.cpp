// Any bytes as filebeat.yml: no crash.
#include <cstddef>
#include <cstdint>
#include <string>

#include "pipeline/convert/filebeat.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > (64 << 10)) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)penstock::convert_filebeat(text, "fuzz");
  return 0;
}
