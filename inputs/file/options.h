// The file input's options, read once.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "pipeline/config/settings.h"
#include "pipeline/plugin/context.h"

namespace penstock::file {

enum class Mode : uint8_t { tail, read };
enum class SortBy : uint8_t { last_modified, path };

struct FileOptions {
  std::vector<std::string> patterns;
  std::vector<std::string> exclude;
  Mode mode = Mode::tail;
  bool start_at_end = true;
  std::string delimiter = "\n";
  std::string registry_path;  // "": nothing is kept
  std::chrono::milliseconds stat_interval{1000};
  std::chrono::milliseconds discover_interval{15'000};
  std::chrono::milliseconds write_interval{15'000};
  std::chrono::milliseconds close_older{0};   // 0: never
  std::chrono::milliseconds ignore_older{0};  // 0: never
  int64_t clean_after_seconds = 0;
  size_t open_files_max = 4095;
  bool exit_after_read = false;
  bool log_completed = false;
  bool delete_completed = false;
  std::string completed_log_path;
  SortBy sort_by = SortBy::last_modified;
  bool descending = false;
  uint64_t chunks_per_turn = UINT64_MAX;
  bool check_archives = false;
};

std::span<const Option> file_option_list();
Result<FileOptions> read_file_options(const Settings& settings, const Context& context);

}  // namespace penstock::file
