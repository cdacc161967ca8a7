// What the kernel says about this process. Any thread.
#pragma once

#include <cstdint>

namespace penstock {

struct ProcessStats {
  double cpu_seconds = 0;
  uint64_t resident_bytes = 0;
  uint64_t resident_peak_bytes = 0;
  uint64_t virtual_bytes = 0;
  uint64_t open_files = 0;
  uint64_t open_files_max = 0;
};

ProcessStats process_stats();

}  // namespace penstock
