// penstock dlq list|show|replay: what an operator does with dead letters. Main thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace penstock {

// A replay is a run of the configuration `config` whose inputs are replaced by `inputs` (the text
// of an input section).
struct DlqReplay {
  std::string config;
  std::string inputs;
  std::string index;  // for the outputs instead of their own, "" = theirs
  std::string path_data;
  std::string pipeline_id;  // letters refused again go to its queue
};

// Gives the exit code: 0, 1 when something failed, 2 for bad usage.
int dlq_command(const std::vector<std::string>& arguments,
                const std::function<int(const DlqReplay&)>& replay);

}  // namespace penstock
