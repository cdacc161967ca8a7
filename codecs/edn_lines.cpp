#include "codecs/edn_lines.h"

#include "codecs/edn/events.h"
#include "pipeline/plugin/line_framer.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {kTargetOption};

}  // namespace

CodecPlugin edn_lines_codec() {
  return {{"edn_lines", "Maps in EDN, Clojure's notation of data, one per line.", kOptions},
          [](const Settings&, const Context&) -> Result<std::unique_ptr<Framer>> {
            return std::unique_ptr<Framer>(std::make_unique<LineFramer>());
          },
          edn::make_decoder,
          [](const Settings&, const Context&) -> Result<std::unique_ptr<Encoder>> {
            return edn::make_encoder("\n");
          }};
}

}  // namespace penstock
