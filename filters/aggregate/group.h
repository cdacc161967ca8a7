// Group: what the aggregate filters of one pipeline share: an interpreter, and the maps by task_id
// pattern, so that one filter starts a map and another ends it. A worker holds the lock while its
// filter runs.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "filters/aggregate/tasks.h"
#include "filters/ruby/interpreter.h"
#include "pipeline/base/result.h"

namespace penstock::aggregate {

// The maps of one pattern and who looks after their time.
struct Pattern {
  Tasks tasks;
  std::string owner;  // the filter with timeout options, or the first
  bool owner_has_options = false;
};

class Group {
 public:
  std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

  // Start-up. The number of a filter's first snippet; the same for its instances on other workers.
  size_t add_snippets(const std::string& filter, std::vector<ruby::Program::Snippet> snippets);
  void widen(const ruby::Options& options);
  // The file that maps are kept in between two runs; false when another filter gave one.
  bool set_file(const std::string& filter, const std::string& path);

  // REQUIRES of all below: lock() is held, or it is start-up.
  Pattern& pattern(const std::string& task_id) { return patterns_[task_id]; }
  // Makes the interpreter at the first call and binds it to the batch. nullptr: it can't be made.
  ruby::Interpreter* interpreter(Batch& batch);
  // Forgets all maps when the interpreter had to start anew; how many were lost.
  size_t check_generation();
  // Whether all instances of the filter have ended with this one.
  bool end_worker(const std::string& filter, uint32_t workers) {
    return ++ended_[filter] == workers;
  }
  // Writes the file, when `filter` gave one.
  Status save(const std::string& filter, Batch& batch);

 private:
  Status load();
  void load_pattern(const std::string& task_id, const Value& list);

  std::mutex mutex_;
  std::map<std::string, size_t> first_snippets_;  // by filter
  ruby::Program program_;
  ruby::Options options_;
  std::unique_ptr<ruby::Interpreter> interpreter_;
  bool failed_ = false;
  uint32_t generation_ = 0;
  std::map<std::string, Pattern> patterns_;
  std::map<std::string, uint32_t> ended_;
  std::string file_, file_filter_;
};

// The Ruby that every program begins with.
extern const char kPrelude[];

}  // namespace penstock::aggregate
