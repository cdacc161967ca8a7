// Dead letters kept in memory, for tests.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "pipeline/plugin/dead_letters.h"

namespace penstock::test {

struct KeptLetter {
  std::string event_json, metadata_json, plugin_type, plugin_id, reason;
  int status = 0;
};

class MemoryDeadLetters : public DeadLetters {
 public:
  Status put(const DeadLetter& letter) override {
    std::lock_guard lock(mutex_);
    if (failures_ > 0) {
      --failures_;
      return io_error("no space left");
    }
    letters_.push_back({std::string(letter.event_json), std::string(letter.metadata_json),
                        std::string(letter.plugin_type), std::string(letter.plugin_id),
                        std::string(letter.reason), letter.status});
    return ok_status();
  }
  Status sync() override {
    std::lock_guard lock(mutex_);
    ++syncs_;
    return ok_status();
  }

  // The next `count` put() fail, as on a full disk.
  void fail(int count) {
    std::lock_guard lock(mutex_);
    failures_ = count;
  }
  std::vector<KeptLetter> letters() const {
    std::lock_guard lock(mutex_);
    return letters_;
  }
  int syncs() const {
    std::lock_guard lock(mutex_);
    return syncs_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<KeptLetter> letters_;
  int failures_ = 0;
  int syncs_ = 0;
};

}  // namespace penstock::test
