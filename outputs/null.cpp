#include "outputs/null.h"

namespace penstock {
namespace {

class NullLane : public Lane {
 public:
  void write(const Batch&, Rows, Delivery delivery) override { delivery.done(); }
  bool pending() const override { return false; }
  void tick(std::chrono::steady_clock::time_point) override {}
  void finish() override {}
};

class Null : public Output {
 public:
  Status start() override { return ok_status(); }
  Result<std::unique_ptr<Lane>> open_lane(const Context&) override {
    return std::unique_ptr<Lane>(std::make_unique<NullLane>());
  }
  void stop(std::chrono::milliseconds) override {}
};

}  // namespace

OutputPlugin null_output() {
  return {{"null", "Takes every event and forgets it; events count as delivered.", {}},
          [](const Settings&, const Context&) -> Result<std::unique_ptr<Output>> {
            return std::unique_ptr<Output>(std::make_unique<Null>());
          }};
}

}  // namespace penstock
