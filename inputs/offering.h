// For inputs with a thread of their own: makes a parcel of records and offers it, sleeping while
// the ring is full. The input's thread; resume() and stop() on any.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "pipeline/plugin/input.h"

namespace penstock {

class Offering {
 public:
  Offering(Intake& intake, Input& input, std::shared_ptr<const Origin> origin)
      : intake_(intake), input_(input), origin_(std::move(origin)) {}

  // Takes the records, leaving `records` empty. False: stop() was called and they were not taken.
  bool offer(Records& records, AckToken token = {}, Numbering numbering = {});
  void resume();
  void stop();

 private:
  bool wait();

  Intake& intake_;
  Input& input_;
  std::shared_ptr<const Origin> origin_;
  std::mutex mutex_;  // both flags
  std::condition_variable changed_;
  bool resumed_ = false;
  bool stopped_ = false;
};

// The framer of the codec that `settings` names; of a codec without framing, lines are the records
// (Logstash turns plain into line and json into json_lines on a stream).
Result<std::unique_ptr<Framer>> make_line_framer(const Settings& settings,
                                                 std::string_view fallback, const Context& context);

}  // namespace penstock
