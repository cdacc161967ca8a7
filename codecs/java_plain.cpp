#include "codecs/java_plain.h"

#include "codecs/text_events.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    kCharsetOption,
    {"format", OptionType::string, "",
     "Text of an encoded event, with %{...}. Unset: its @timestamp, host and message."},
};

}  // namespace

CodecPlugin java_plain_codec() {
  return {{"java_plain", "As plain, without a copy of the text under ECS.", kOptions},
          nullptr,
          make_bare_text_decoder,
          [](const Settings& settings, const Context&) { return make_text_encoder(settings, ""); }};
}

}  // namespace penstock
