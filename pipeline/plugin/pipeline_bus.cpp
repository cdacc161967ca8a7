#include "pipeline/plugin/pipeline_bus.h"

namespace penstock {
namespace {

constexpr const char* kResource = "the process's pipeline bus";

}  // namespace

void PipelineChannel::listen(Listener listener) {
  std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
  ++changes_;
  changed_.notify_all();
}

void PipelineChannel::leave(const Input& input) {
  std::lock_guard lock(mutex_);
  if (listener_.input != &input) return;
  listener_ = {};
  ++changes_;
  changed_.notify_all();
}

PipelineChannel::Sent PipelineChannel::send(std::unique_ptr<Parcel>& parcel, const Sender& sender) {
  std::unique_lock lock(mutex_);
  // Offering under the lock is what makes leave() a promise. The intake never calls back from
  // offer(), and resume() comes without its lock, so the order of locks is always this one.
  while (!sender.stopped.load(std::memory_order_acquire)) {
    if (!listener_.input && !sender.wait_for_listener) return Sent::no_listener;
    const uint64_t seen = changes_;
    if (listener_.input) {
      parcel->origin = listener_.origin(sender.pipeline);
      if (listener_.intake->offer(*listener_.input, parcel)) return Sent::taken;
    }
    changed_.wait(
        lock, [&] { return changes_ != seen || sender.stopped.load(std::memory_order_acquire); });
  }
  return Sent::stopped;
}

void PipelineChannel::wake() {
  std::lock_guard lock(mutex_);
  ++changes_;
  changed_.notify_all();
}

PipelineChannel& PipelineBus::channel(const std::string& address) const {
  std::lock_guard lock(mutex_);
  auto& channel = channels_[address];
  if (!channel) channel = std::make_unique<PipelineChannel>();
  return *channel;
}

void PipelineBus::give(const std::shared_ptr<const PipelineBus>& bus, SharedResources& resources) {
  (void)resources.get<PipelineBus>(
      kResource, [&]() -> Result<std::shared_ptr<const PipelineBus>> { return bus; });
}

const PipelineBus& PipelineBus::of(const Context& context) {
  CHECK(context.resources, "a plugin that speaks to other pipelines is made in one");
  auto bus = context.resources->get<PipelineBus>(
      kResource, []() -> Result<std::shared_ptr<const PipelineBus>> {
        return std::make_shared<const PipelineBus>();
      });
  return *bus.value();  // kept by the resources
}

}  // namespace penstock
