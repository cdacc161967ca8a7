// Any bytes as a *.test file: no crash, and errors have places.
#include <cstddef>
#include <cstdint>
#include <string>

#include "pipeline/rehearsal/test_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > (64 << 10)) return 0;
  penstock::TestFile file;
  penstock::Errors errors;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const bool good = penstock::parse_test_file(text, "fuzz.test", file, errors);
  CHECK(good == errors.empty(), "a fault is an error");
  return 0;
}
