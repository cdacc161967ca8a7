#include "codecs/java_line.h"

#include "codecs/json_events.h"
#include "codecs/line.h"
#include "codecs/text_events.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    kCharsetOption,
    {"delimiter", OptionType::string, "\"\n\"", "What ends each line."},
    {"format", OptionType::string, "",
     "Text of an encoded event, with %{...}. Unset: the event as JSON."},
};

}  // namespace

CodecPlugin java_line_codec() {
  return {{"java_line", "As line, without a copy of the text under ECS; encodes to JSON lines.",
           kOptions},
          make_delimiter_framer,
          make_bare_text_decoder,
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Encoder>> {
            const std::string delimiter = settings.string("delimiter");
            if (settings.has("format")) return make_text_encoder(settings, delimiter);
            return std::unique_ptr<Encoder>(std::make_unique<JsonEncoder>(delimiter));
          }};
}

}  // namespace penstock
