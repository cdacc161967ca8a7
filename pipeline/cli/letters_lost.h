// `dead_letter_queue.enable: false`: what would be a dead letter is dropped, counted, and said in
// the log now and then. Any thread.
#pragma once

#include <chrono>
#include <mutex>

#include "pipeline/metrics/scope.h"
#include "pipeline/plugin/dead_letters.h"

namespace penstock {

class LettersLost : public DeadLetters {
 public:
  Status put(const DeadLetter& letter) override;
  Status sync() override { return ok_status(); }
  void register_in(MetricScope& scope);

 private:
  Counter dropped_;
  std::mutex mutex_;  // said_
  std::chrono::steady_clock::time_point said_{};
};

}  // namespace penstock
