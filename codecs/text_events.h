// What the text codecs (plain, line) share: a record becomes an event's `message`, and an event
// becomes text by a format.
#pragma once

#include <memory>
#include <optional>

#include "codecs/event_clock.h"
#include "pipeline/base/limits.h"
#include "pipeline/event/interpolate.h"
#include "pipeline/plugin/charset.h"
#include "pipeline/plugin/codec.h"

namespace penstock {

// Tag of events whose record was longer than its limit, so that its end is missing.
inline constexpr std::string_view kCutTag = "_record_truncated";

// Counts cut records for one decoder and tags their events.
class CutRecords {
 public:
  // `record_bytes_max`: that the framer cuts at.
  explicit CutRecords(const Context& context, size_t record_bytes_max = limits::kRecordBytesMax);
  bool is_cut(std::string_view record) const { return record.size() >= record_bytes_max_; }
  void mark(std::string_view record, Event& event);

 private:
  size_t record_bytes_max_;
  Counter count_;
};

// Option "charset" required.
Result<std::unique_ptr<Decoder>> make_text_decoder(const Settings& settings,
                                                   const Context& context);
// The same without [event][original] in any mode.
Result<std::unique_ptr<Decoder>> make_bare_text_decoder(const Settings& settings,
                                                        const Context& context);

// Option "format" required. `delimiter` follows each event.
Result<std::unique_ptr<Encoder>> make_text_encoder(const Settings& settings,
                                                   std::string_view delimiter);

}  // namespace penstock
