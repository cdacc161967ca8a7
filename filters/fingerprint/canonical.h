// The text of a value that fingerprints are made of: the same whatever order its members have.
// One per worker.
#pragma once

#include <string>
#include <vector>

#include "pipeline/event/value.h"

namespace penstock::fingerprint {

class Canonical {
 public:
  // Appends: members of objects by name, "name|value" each, items and members joined by "|".
  void append(const Value& value, std::string& out);
  // The same for an event's fields: "|name|value" for each.
  void append_fields(const Value& object, std::string& out);

 private:
  // The members of `object` by name, on top of `sorted_`; the place of the first.
  size_t sort(const Value& object);
  std::vector<const Member*> sorted_;  // of the objects being written, a stack
};

}  // namespace penstock::fingerprint
