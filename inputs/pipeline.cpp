#include "inputs/pipeline.h"

#include <map>

#include "pipeline/event/image.h"
#include "pipeline/plugin/pipeline_bus.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"address", OptionType::string, "",
     "The name to which the other pipelines send. One input may listen on it.", true},
};

// Has no thread: the sending pipelines' workers offer parcels themselves (PipelineChannel).
class PipelineInput : public Input {
 public:
  PipelineInput(PipelineChannel& channel, const Context& context)
      : channel_(channel), context_(context) {}
  ~PipelineInput() override { stop(); }

  Status start(Intake& intake, uint32_t index) override {
    index_ = index;
    channel_.listen({&intake, this, [this](const std::string& sender) { return origin(sender); }});
    return ok_status();
  }
  void resume() override { channel_.wake(); }
  void stop() override { channel_.leave(*this); }
  void settle(Position, Verdict) noexcept override {}  // the tokens are the senders' own

 private:
  std::shared_ptr<const Origin> origin(const std::string& sender) {
    auto& known = origins_[sender];
    if (known) return known;
    auto made = std::make_shared<Origin>();
    made->input = index_;
    made->stream = sender;
    made->ledger = &context_.ledger->source(context_.plugin_id, sender);
    return known = std::move(made);
  }

  PipelineChannel& channel_;
  Context context_;
  uint32_t index_ = 0;
  std::map<std::string, std::shared_ptr<const Origin>> origins_;  // under the channel's lock
};

// The record is the event itself, @timestamp and all: there is nothing to decode or complete.
class ImageDecoder : public Decoder {
 public:
  void decode(std::string_view record, Batch& out) override {
    const Row row = out.append();
    read_image(record, out[row]);
  }
};

Result<std::unique_ptr<Input>> make(const Settings& settings, const Context& context) {
  const std::string address = settings.string("address");
  if (address.empty()) return settings.error("address", "must not be empty");
  return std::unique_ptr<Input>(
      std::make_unique<PipelineInput>(PipelineBus::of(context).channel(address), context));
}

Result<std::unique_ptr<Decoder>> make_decoder(const Settings&, const Context&) {
  return std::unique_ptr<Decoder>(std::make_unique<ImageDecoder>());
}

std::string listens_on(const Settings& settings) { return settings.string("address"); }

}  // namespace

InputPlugin pipeline_input() {
  return {{"pipeline", "Takes events that other pipelines of this process send.", kOptions},
          "",
          make,
          make_decoder,
          listens_on};
}

}  // namespace penstock
