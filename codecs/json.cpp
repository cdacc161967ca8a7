#include "codecs/json.h"

#include "codecs/json_events.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {kCharsetOption, kTargetOption};

}  // namespace

CodecPlugin json_codec() {
  return {{"json", "JSON documents; an array of objects becomes several events.", kOptions,
           "Under ECS [event][original] is added on every input; Logstash leaves it out on tcp and "
           "stdin, where it takes json_lines instead."},
          nullptr,  // lines of a byte stream, whole datagrams: as the input cuts them
          [](const Settings& settings, const Context& context) {
            return make_json_decoder(settings, context, true);
          },
          [](const Settings&, const Context&) -> Result<std::unique_ptr<Encoder>> {
            return std::unique_ptr<Encoder>(std::make_unique<JsonEncoder>(""));
          }};
}

}  // namespace penstock
