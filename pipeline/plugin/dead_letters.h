// DeadLetters: where an output puts an event that the store refuses for good. Implemented by the
// dead-letter queue; outputs see only this.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/base/result.h"

namespace penstock {

struct DeadLetter {
  std::string_view event_json;     // the event as it was, one JSON document, after scrubbing
  std::string_view metadata_json;  // [@metadata], e.g. the index it was meant for
  std::string_view plugin_type;    // "elasticsearch"
  std::string_view plugin_id;
  std::string_view reason;  // for people; from the store, hence scrubbed before it is kept
  int status = 0;           // HTTP status of the item, 0 when there is none
};

class DeadLetters {
 public:
  virtual ~DeadLetters() = default;
  // Any thread. True: the letter is safe as far as the queue's sync policy goes (or counted as
  // dropped by its size policy). An error means it isn't and the event must not be settled.
  virtual Status put(const DeadLetter& letter) = 0;
  // Makes every letter put so far durable; outputs call it before they settle a batch.
  virtual Status sync() = 0;
};

}  // namespace penstock
