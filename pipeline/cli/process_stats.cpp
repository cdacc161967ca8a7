#include "pipeline/cli/process_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>

namespace penstock {
namespace {

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

}  // namespace

ProcessStats process_stats() {
  ProcessStats out;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    out.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    out.resident_peak_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  }
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const std::unique_ptr<FILE, int (*)(FILE*)> statm(std::fopen("/proc/self/statm", "re"), fclose);
  unsigned long total = 0;
  unsigned long resident = 0;
  if (statm && std::fscanf(statm.get(), "%lu %lu", &total, &resident) == 2) {
    out.virtual_bytes = total * page;
    out.resident_bytes = resident * page;
  }
  std::error_code ignored;
  for (std::filesystem::directory_iterator at("/proc/self/fd", ignored), end; at != end;
       at.increment(ignored)) {
    ++out.open_files;
    if (ignored) break;
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) out.open_files_max = limit.rlim_cur;
  return out;
}

}  // namespace penstock
