#include "codecs/json.h"

#include "codecs/json_events.h"
#include "pipeline/plugin/line_framer.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {kCharsetOption, kTargetOption};

}  // namespace

CodecPlugin json_codec() {
  return {{"json", "JSON documents; an array of objects becomes several events.", kOptions},
          // A byte stream under json is a stream of lines, as Logstash makes it one.
          [](const Settings&, const Context&) -> Result<std::unique_ptr<Framer>> {
            return std::unique_ptr<Framer>(std::make_unique<LineFramer>());
          },
          [](const Settings& settings, const Context& context) {
            return make_json_decoder(settings, context, true);
          },
          [](const Settings&, const Context&) -> Result<std::unique_ptr<Encoder>> {
            return std::unique_ptr<Encoder>(std::make_unique<JsonEncoder>(""));
          }};
}

}  // namespace penstock
