// One operation of the mutate filter, made once when the config is loaded. One per worker.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/config/settings.h"
#include "pipeline/event/event.h"

namespace penstock::mutate {

class Operation {
 public:
  virtual ~Operation() = default;
  // False when the event can't take it (Logstash: an exception): the event is tagged and the
  // operations after it don't run.
  virtual bool apply(Event& event) = 0;
};

using Operations = std::vector<std::unique_ptr<Operation>>;

// Each adds the operations that its option of `settings` asks for.
Status add_coerce(const Settings& settings, Operations& out);
Status add_rename(const Settings& settings, Operations& out);
Status add_update(const Settings& settings, Operations& out);
Status add_replace(const Settings& settings, Operations& out);
Status add_convert(const Settings& settings, Operations& out);
Status add_gsub(const Settings& settings, Operations& out);
Status add_case(const Settings& settings, std::string_view option, Operations& out);
Status add_strip(const Settings& settings, Operations& out);
Status add_split(const Settings& settings, Operations& out);
Status add_join(const Settings& settings, Operations& out);
Status add_merge(const Settings& settings, Operations& out);
Status add_copy(const Settings& settings, Operations& out);

// Whether the field is there, as Logstash's include?: null counts in an object, not in an array.
bool includes(const Event& event, const FieldRef& field);

// A string with new text. Keeps what still holds of the old one's flags.
inline Value with_text(std::string_view text, uint8_t flags) {
  return Value::string(text, flags & Value::kClean);
}

}  // namespace penstock::mutate
