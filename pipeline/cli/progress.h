// The line that `--progress` shows on standard error: percent, events/s, MB/s and the time left. On
// a terminal it is rewritten in place, elsewhere a new line every few seconds. Main thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "pipeline/flow/supervisor.h"

namespace penstock {

class ProgressLine {
 public:
  ProgressLine();
  // As often as wanted: it writes when its time has come. The last one ends the line.
  void show(const PipelineList::Pipelines& pipelines, bool last = false);

 private:
  bool terminal_;
  std::chrono::steady_clock::time_point began_, written_;
  uint64_t events_ = 0, bytes_ = 0;  // when last written
};

}  // namespace penstock
