// Events from and to JSON, for tests.
#pragma once

#include <string>
#include <string_view>

#include "pipeline/event/batch.h"

namespace penstock::test {

// Appends an event with these fields to the batch. "@metadata" in the text becomes the metadata;
// @timestamp text becomes a timestamp. Aborts when the text isn't a JSON object.
Row add_event(Batch& batch, std::string_view json);

// The event's document, members sorted by name at every level. With `metadata`, @metadata too.
std::string to_json(const Event& event, bool metadata = false);
// Any JSON text, members sorted by name, no white space: for comparing.
std::string normalized(std::string_view json);

}  // namespace penstock::test
