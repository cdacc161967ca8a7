#include "outputs/pipeline.h"

#include <deque>
#include <mutex>
#include <unordered_map>

#include "pipeline/base/log.h"
#include "pipeline/event/image.h"
#include "pipeline/plugin/pipeline_bus.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"ensure_delivery", OptionType::boolean, "true",
     "Whether events wait for an address on which nobody listens; otherwise they are dropped and "
     "counted. A pipeline that listens but is held up is waited for in any case."},
    {"send_to", OptionType::strings, "", "Addresses of `pipeline` inputs; each gets every event.",
     true},
};

// The deliveries of upstream batches for which downstream pipelines still owe an answer. Kept by
// its output and by the parcels under way, so an answer that comes late finds it. Any thread.
class Shares : public Settler, public std::enable_shared_from_this<Shares> {
 public:
  // The opener's own hold ends with let_go().
  uint64_t open(Delivery delivery) {
    std::lock_guard lock(mutex_);
    open_.emplace(next_, Share{std::move(delivery), 1, false});
    return next_++;
  }
  AckToken token(uint64_t share) {
    std::lock_guard lock(mutex_);
    if (tokens_++ == 0) self_ = shared_from_this();
    const auto found = open_.find(share);
    if (found != open_.end()) ++found->second.holds;
    return AckToken(*this, {0, share});
  }
  void let_go(uint64_t share, Verdict verdict) noexcept { release(share, verdict, false); }

  void settle(Position position, Verdict verdict) noexcept override {
    release(position.sequence, verdict, true);
  }

  // What is unanswered becomes a replay.
  void give_up() {
    std::unordered_map<uint64_t, Share> left;
    std::lock_guard lock(mutex_);
    left.swap(open_);
  }

 private:
  struct Share {
    Delivery delivery;
    uint32_t holds = 0;
    bool failed = false;
  };

  void release(uint64_t share, Verdict verdict, bool by_token) noexcept {
    std::shared_ptr<Shares> last;  // both go outside of the lock
    Share ended;
    {
      std::lock_guard lock(mutex_);
      if (by_token && --tokens_ == 0) last = std::move(self_);
      const auto found = open_.find(share);
      if (found == open_.end()) return;  // given up meanwhile
      found->second.failed |= verdict == Verdict::replay;
      if (--found->second.holds > 0) return;
      ended = std::move(found->second);
      open_.erase(found);
    }
    if (!ended.failed) ended.delivery.done();
  }

  std::mutex mutex_;
  std::unordered_map<uint64_t, Share> open_;  // at most the upstream's open batches
  uint64_t next_ = 0;
  uint64_t tokens_ = 0;           // under way
  std::shared_ptr<Shares> self_;  // while there are any
};

// An address, and what could not be sent there. Shared by the lanes.
struct Target {
  Target(std::string name, PipelineChannel& its_channel)
      : address(std::move(name)), channel(its_channel) {}
  std::string address;
  PipelineChannel& channel;
  Counter dropped;
  std::atomic<bool> complained{false};
};

struct Shared {
  std::string pipeline;
  bool ensure_delivery = true;
  std::deque<Target> targets;
  std::shared_ptr<Shares> shares = std::make_shared<Shares>();
  std::atomic<bool> stopped{false};  // release, with wake(); acquired by the senders
};

// Lays events out in slabs and sends them as parcels, a batch at a time.
class PipelineLane : public Lane {
 public:
  explicit PipelineLane(Shared& shared) : shared_(shared) {}

  void write(const Batch& batch, Rows rows, Delivery delivery) override {
    const uint64_t share = shared_.shares->open(std::move(delivery));
    bool taken = true;
    for (Target& target : shared_.targets) taken = taken && write_to(target, batch, rows, share);
    shared_.shares->let_go(share, taken ? Verdict::done : Verdict::replay);
  }
  bool pending() const override { return false; }
  void tick(std::chrono::steady_clock::time_point) override {}
  void finish() override {}

 private:
  // Each address gets a copy of its own, which its pipeline then changes.
  bool write_to(Target& target, const Batch& batch, Rows rows, uint64_t share) {
    for (const Row row : rows) {
      const ImageSize size = measure_image(batch[row]);
      const bool full =
          records_.views.size() >= limits::kParcelRecordsMax ||
          (!records_.empty() && records_.bytes + size.bytes() > limits::kParcelBytesMax);
      if (full && !send(target, share)) return false;
      add(batch[row], size);
    }
    return send(target, share);
  }

  void add(const Event& event, const ImageSize& size) {
    const size_t bytes = size.bytes();
    if (!slab_ || slab_->capacity() - used_ < bytes) {
      slab_ = Slab::make(std::max(bytes, Slab::kBytes));
      used_ = 0;
    }
    char* at = slab_->data() + used_;
    write_image(event, size, at);
    records_.add(slab_, {at, bytes});
    used_ += bytes;
  }

  // False: the output was stopped.
  bool send(Target& target, uint64_t share) {
    if (records_.empty()) return true;
    auto parcel = std::make_unique<Parcel>();
    std::swap(parcel->records, records_);
    parcel->token = shared_.shares->token(share);
    const size_t events = parcel->records.views.size();
    const auto sent =
        target.channel.send(parcel, {shared_.pipeline, shared_.ensure_delivery, shared_.stopped});
    if (sent == PipelineChannel::Sent::taken) return true;
    if (sent == PipelineChannel::Sent::stopped) return false;
    parcel->token.settle(Verdict::done);
    target.dropped.add(events);
    if (!target.complained.exchange(true, std::memory_order_relaxed))
      log::warn("pipeline", "nobody listens on `{}`: events for it are dropped", target.address);
    return true;
  }

  Shared& shared_;
  Records records_;
  SlabRef slab_;
  size_t used_ = 0;
};

class PipelineOutput : public Output {
 public:
  PipelineOutput(const Settings& settings, const Context& context) {
    shared_.pipeline = context.pipeline_id;
    shared_.ensure_delivery = settings.boolean("ensure_delivery");
    for (const std::string& address : settings.strings("send_to"))
      shared_.targets.emplace_back(address, PipelineBus::of(context).channel(address));
    if (!context.metrics) return;
    for (const Target& target : shared_.targets)
      context.metrics->counter("dropped", "Events dropped because nobody listened.",
                               {{"address", target.address}}, target.dropped);
  }

  Status start() override { return ok_status(); }
  Result<std::unique_ptr<Lane>> open_lane(const Context&) override {
    return std::unique_ptr<Lane>(std::make_unique<PipelineLane>(shared_));
  }
  void stop(std::chrono::milliseconds) override {
    shared_.stopped.store(true, std::memory_order_release);
    for (Target& target : shared_.targets) target.channel.wake();
    shared_.shares->give_up();
  }

 private:
  Shared shared_;
};

Result<std::unique_ptr<Output>> make(const Settings& settings, const Context& context) {
  const std::vector<std::string> addresses = settings.strings("send_to");
  if (addresses.empty()) return settings.error("send_to", "names no address");
  for (size_t i = 0; i < addresses.size(); ++i)
    if (std::find(addresses.begin(), addresses.begin() + static_cast<ptrdiff_t>(i), addresses[i]) !=
        addresses.begin() + static_cast<ptrdiff_t>(i))
      return settings.error("send_to", "names `" + addresses[i] + "` twice");
  return std::unique_ptr<Output>(std::make_unique<PipelineOutput>(settings, context));
}

std::vector<std::string> sends_to(const Settings& settings) { return settings.strings("send_to"); }

}  // namespace

OutputPlugin pipeline_output() {
  return {
      {"pipeline", "Hands events to other pipelines of this process.", kOptions}, make, sends_to};
}

}  // namespace penstock
