#include "codecs/json_lines.h"

#include <algorithm>

#include "codecs/json_events.h"
#include "pipeline/plugin/line_framer.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    kCharsetOption,
    {.name = "decode_size_limit_bytes",
     .type = OptionType::integer,
     .fallback = "",
     .doc = "The largest document; of a longer one the end is cut off and it is tagged. Unset: the "
            "engine's limit for records, 64 MiB, which holds in any case.",
     .differs = "The default is 64 MiB and not 512, which is also the most; a longer document is a "
                "tagged event and not an error of the input."},
    {"delimiter", OptionType::string, "\"\n\"", "What ends each document."},
    kTargetOption,
};

Result<size_t> size_limit(const Settings& settings) {
  if (!settings.has("decode_size_limit_bytes")) return limits::kRecordBytesMax;
  const int64_t limit = settings.integer("decode_size_limit_bytes");
  if (limit < 1) return settings.error("decode_size_limit_bytes", "must be 1 or more");
  return std::min(static_cast<size_t>(limit), limits::kRecordBytesMax);
}

}  // namespace

CodecPlugin json_lines_codec() {
  return {
      {"json_lines", "JSON documents, one per line.", kOptions},
      [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Framer>> {
        TRY(const size_t limit, size_limit(settings));
        std::string delimiter = settings.string("delimiter");
        if (delimiter.empty()) return settings.error("delimiter", "must not be empty");
        return std::unique_ptr<Framer>(std::make_unique<LineFramer>(std::move(delimiter), limit));
      },
      [](const Settings& settings, const Context& context) -> Result<std::unique_ptr<Decoder>> {
        TRY(const size_t limit, size_limit(settings));
        return make_json_decoder(settings, context, false, limit);
      },
      [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Encoder>> {
        return std::unique_ptr<Encoder>(
            std::make_unique<JsonEncoder>(settings.string("delimiter")));
      }};
}

}  // namespace penstock
