#include "codecs/plain.h"

#include "codecs/text_events.h"
#include "pipeline/plugin/line_framer.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    kCharsetOption,
    {"format", OptionType::string, "",
     "Text of an encoded event, with %{...}. Unset: its @timestamp, host and message."},
};

}  // namespace

CodecPlugin plain_codec() {
  return {{"plain", "Text without a delimiter: each record is an event's message.", kOptions},
          // A byte stream under plain is a stream of lines, as Logstash makes it one.
          [](const Settings&, const Context&) -> Result<std::unique_ptr<Framer>> {
            return std::unique_ptr<Framer>(std::make_unique<LineFramer>());
          },
          make_text_decoder,
          [](const Settings& settings, const Context&) { return make_text_encoder(settings, ""); }};
}

}  // namespace penstock
