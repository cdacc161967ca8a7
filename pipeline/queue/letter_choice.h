// Which dead letters are meant, and how their events are mended before they go again. Plain data,
// shared by the dlq command and the dead_letter_queue input.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/base/result.h"
#include "pipeline/event/field_ref.h"
#include "pipeline/queue/dead_letter_format.h"

namespace penstock {

struct LetterChoice {
  std::string reason;  // a part of it; "" = any
  int status = 0;      // 0 = any

  bool takes(const StoredLetter& letter) const;
};

struct LetterEdit {
  std::vector<FieldRef> drop;
  std::vector<std::pair<FieldRef, std::string>> set;  // JSON, or a text as it stands

  bool empty() const { return drop.empty() && set.empty(); }
};

// The event with the edit applied. An event that isn't a JSON object stays as it is.
std::string mend(std::string_view event_json, const LetterEdit& edit);

// The reason without what differs from event to event (quoted values, numbers), for counting.
std::string reason_group(std::string_view reason);
// The index that the letter was meant for, "" when it doesn't say.
std::string letter_index(const StoredLetter& letter);

}  // namespace penstock
