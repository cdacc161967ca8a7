#include "pipeline/cli/letters_lost.h"

#include "pipeline/base/log.h"

namespace penstock {
namespace {

constexpr std::chrono::seconds kSayEvery{10};

}  // namespace

Status LettersLost::put(const DeadLetter& letter) {
  dropped_.add();
  const auto now = std::chrono::steady_clock::now();
  std::lock_guard lock(mutex_);
  if (said_ != std::chrono::steady_clock::time_point() && now - said_ < kSayEvery)
    return ok_status();
  said_ = now;
  log::warn(letter.plugin_type,
            "{}: events are refused for good and dropped, dead_letter_queue.enable being false; "
            "{} so far",
            letter.plugin_id, dropped_.value());
  return ok_status();
}

void LettersLost::register_in(MetricScope& scope) {
  scope.counter("dead_letters_dropped", "Dead letters dropped because the queue is switched off.",
                {}, dropped_);
}

}  // namespace penstock
