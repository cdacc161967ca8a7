#include "codecs/plain.h"

#include "codecs/text_events.h"

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
          nullptr,  // lines of a byte stream, whole datagrams: as the input cuts them
          make_text_decoder,
          [](const Settings& settings, const Context&) { return make_text_encoder(settings, ""); }};
}

}  // namespace penstock
