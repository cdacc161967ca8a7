// PipelineBus: the addresses by which pipelines of one process hand events to each other. A
// `pipeline` input listens on one, `pipeline` outputs send to it. Parcels go straight into the
// listener's ring; a sender waits on its own (worker's) thread while that is full or nobody
// listens, which is the backpressure.
//
//   auto channel = bus.channel("weblogs");
//   channel->listen({...});                        // input, start()
//   channel->send(parcel, {"main", true, stopped}) // output's lane
//   channel->leave(input);                         // input, stop(): no offer afterwards
//
// Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "pipeline/base/result.h"
#include "pipeline/plugin/context.h"
#include "pipeline/plugin/input.h"

namespace penstock {

class PipelineChannel {
 public:
  struct Listener {
    Intake* intake = nullptr;
    Input* input = nullptr;
    // What a sending pipeline's parcels come from. Called under the channel's lock.
    std::function<std::shared_ptr<const Origin>(const std::string& sender)> origin;
  };
  struct Sender {
    const std::string& pipeline;
    bool wait_for_listener = true;
    const std::atomic<bool>& stopped;  // followed by wake() when it becomes true
  };
  enum class Sent : uint8_t { taken, no_listener, stopped };

  // A listener that is there already gives way: the one of a configuration that ends.
  void listen(Listener listener);
  void leave(const Input& input);
  // Takes the parcel, or says why not; waits where the sender wants to wait.
  Sent send(std::unique_ptr<Parcel>& parcel, const Sender& sender);
  // Senders look again: there is room, or one of them is to stop.
  void wake();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Listener listener_;
  uint64_t changes_ = 0;
};

class PipelineBus {
 public:
  // Made when new; lives as long as the bus. Addresses come from configurations, so there are few.
  PipelineChannel& channel(const std::string& address) const;

  // The bus of the plugin's process is one of its pipeline's resources; a pipeline to which nobody
  // gave one has its own.
  static const PipelineBus& of(const Context& context);
  static void give(const std::shared_ptr<const PipelineBus>& bus, SharedResources& resources);

 private:
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::unique_ptr<PipelineChannel>> channels_;
};

}  // namespace penstock
