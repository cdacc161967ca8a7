#include "codecs/dots.h"

namespace penstock {
namespace {

class Dots : public Encoder {
 public:
  void encode(const Event&, ByteBuffer& out) override { out.push_back('.'); }
};

}  // namespace

CodecPlugin dots_codec() {
  return {{"dots", "Writes a dot per event. For outputs only.", {}},
          nullptr,
          nullptr,
          [](const Settings&, const Context&) -> Result<std::unique_ptr<Encoder>> {
            return std::unique_ptr<Encoder>(std::make_unique<Dots>());
          }};
}

}  // namespace penstock
