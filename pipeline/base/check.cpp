#include "pipeline/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace penstock {

void check_failed(const char* condition, const char* file, int line, const char* text) {
  std::fprintf(stderr, "penstock: bug at %s:%d: %s (%s)\n", file, line, text, condition);
  std::abort();
}

}  // namespace penstock
