#include "codecs/edn.h"

#include "codecs/edn/events.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {kTargetOption};

}  // namespace

CodecPlugin edn_codec() {
  return {{"edn", "Maps in EDN, Clojure's notation of data.", kOptions},
          nullptr,
          edn::make_decoder,
          [](const Settings&, const Context&) -> Result<std::unique_ptr<Encoder>> {
            return edn::make_encoder("");
          }};
}

}  // namespace penstock
