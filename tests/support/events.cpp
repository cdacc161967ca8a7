#include "tests/support/events.h"

#include <algorithm>

#include "pipeline/base/check.h"
#include "pipeline/event/json_reader.h"
#include "pipeline/event/json_writer.h"

namespace penstock::test {
namespace {

void sort_members(Value& value) {
  if (value.is_array())
    for (Value& item : value.elements()) sort_members(item);
  if (!value.is_object()) return;
  std::sort(value.members, value.members + value.size,
            [](const Member& a, const Member& b) { return a.name() < b.name(); });
  for (Member& member : value.entries()) sort_members(member.value);
}

std::string written(Value value) {
  sort_members(value);
  ByteBuffer out;
  write_json(value, out);
  return std::string(out.view());
}

}  // namespace

Row add_event(Batch& batch, std::string_view json) {
  JsonReader reader;
  const Row row = batch.append();
  Event& event = batch[row];
  const auto outcome = reader.read(batch.arena().copy(json), batch.arena(), event.root());
  CHECK(outcome == JsonReader::Outcome::ok && event.root().is_object(),
        "a test's event must be a JSON object");
  const Name metadata("@metadata");
  if (const Value* found = object_find(event.root(), metadata)) {
    event.metadata() = *found;
    object_erase(event.root(), metadata);
  }
  if (object_find(event.root(), Name("@timestamp"))) event.complete({0, 0});
  object_erase(event.root(), Name("@version"));
  return row;
}

std::string to_json(const Event& event, bool metadata) {
  Arena arena;
  Value root = deep_copy(arena, event.root());
  if (metadata && event.metadata().size)
    object_set(arena, root, Name("@metadata"), deep_copy(arena, event.metadata()));
  return written(root);
}

std::string normalized(std::string_view json) {
  Arena arena;
  Value value;
  JsonReader reader;
  CHECK(reader.read(json, arena, value) == JsonReader::Outcome::ok,
        "a test's expectation must be JSON");
  return written(value);
}

}  // namespace penstock::test
