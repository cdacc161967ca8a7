// Flat: an event as field references with JSON texts, so that two events can be compared and their
// difference shown field by field. Arrays are one value; members of objects in them are sorted.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/event/event.h"

namespace penstock {

using Flat = std::map<std::string, std::string>;  // "[a][b]" -> "\"text\""

// With [@metadata] when asked for.
Flat flatten(const Event& event, bool metadata);
// The members of `object`, each name after `prefix`. A name that is a reference ("[a][b]") counts
// as such.
void flatten_object(const Value& object, const std::string& prefix, Flat& out);

std::string canonical_json(const Value& value);

struct FieldChange {
  std::string field;
  std::string before, after;  // "" = not there
};
std::vector<FieldChange> changes(const Flat& before, const Flat& after);

}  // namespace penstock
