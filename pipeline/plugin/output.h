// Output: stores events. One Output per plugin in the config, shared by the workers; each worker
// writes through a Lane of its own, which encodes at once, so the batch can be reused as soon as
// write() returns. Sending, retrying and settling happen on the output's own threads.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/base/result.h"
#include "pipeline/config/settings.h"
#include "pipeline/event/batch.h"
#include "pipeline/plugin/context.h"
#include "pipeline/plugin/settlement.h"

namespace penstock {

// Worker thread.
class Lane {
 public:
  virtual ~Lane() = default;
  // Takes the rows. May wait while the output is full (that is the backpressure) and must return
  // when the output is stopped; a Delivery destroyed without done() is replayed by the input.
  virtual void write(const Batch& batch, Rows rows, Delivery delivery) = 0;
  // Something is buffered that a later tick() may have to send.
  virtual bool pending() const = 0;
  // Called when the worker is idle or `now` has moved on: send what has waited long enough.
  virtual void tick(std::chrono::steady_clock::time_point now) = 0;
  // No more writes will come: send what is buffered.
  virtual void finish() = 0;
};

class Output {
 public:
  virtual ~Output() = default;
  // Any failure here ends the start of the pipeline. A peer that is down is no failure.
  virtual Status start() = 0;
  virtual Result<std::unique_ptr<Lane>> open_lane(const Context& worker_context) = 0;
  // After every lane finished: waits up to `grace` for answers, then lets go (unanswered deliveries
  // are replayed). Zero: at once.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

struct OutputPlugin {
  PluginInfo info;
  Result<std::unique_ptr<Output>> (*make)(const Settings&, const Context&) = nullptr;
  // The addresses of other pipelines of the process to which it hands events. Null: it writes
  // outside.
  std::vector<std::string> (*sends_to)(const Settings&) = nullptr;
};

}  // namespace penstock
