#include "codecs/line.h"

#include "codecs/text_events.h"
#include "pipeline/plugin/line_framer.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    kCharsetOption,
    {"delimiter", OptionType::string, "\"\n\"", "What ends each line."},
    {"format", OptionType::string, "",
     "Text of an encoded event, with %{...}. Unset: its @timestamp, host and message."},
};

}  // namespace

Result<std::unique_ptr<Framer>> make_delimiter_framer(const Settings& settings, const Context&) {
  std::string delimiter = settings.string("delimiter");
  if (delimiter.empty()) return settings.error("delimiter", "must not be empty");
  return std::unique_ptr<Framer>(std::make_unique<LineFramer>(std::move(delimiter)));
}

CodecPlugin line_codec() {
  return {{"line", "Text lines: each line is an event's message.", kOptions},
          make_delimiter_framer,
          make_text_decoder,
          [](const Settings& settings, const Context&) {
            return make_text_encoder(settings, settings.string("delimiter"));
          }};
}

}  // namespace penstock
