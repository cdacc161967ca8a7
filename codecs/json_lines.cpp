#include "codecs/json_lines.h"

#include "codecs/json_events.h"
#include "codecs/line.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    kCharsetOption,
    {"decode_size_limit_bytes", OptionType::integer, "",
     "Recognized for Logstash's sake: a record's size is bounded by the engine (64 MiB)."},
    {"delimiter", OptionType::string, "\"\n\"", "What ends each document."},
    kTargetOption,
};

}  // namespace

CodecPlugin json_lines_codec() {
  return {{"json_lines", "JSON documents, one per line.", kOptions},
          make_delimiter_framer,
          [](const Settings& settings, const Context& context) {
            return make_json_decoder(settings, context, false);
          },
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Encoder>> {
            return std::unique_ptr<Encoder>(
                std::make_unique<JsonEncoder>(settings.string("delimiter")));
          }};
}

}  // namespace penstock
