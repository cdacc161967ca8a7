#include "pipeline/rehearsal/flat.h"

#include <algorithm>

#include "pipeline/event/json_writer.h"

namespace penstock {
namespace {

void append_canonical(const Value& value, ByteBuffer& out) {
  if (value.is_array()) {
    out.push_back('[');
    for (size_t i = 0; i < value.size; ++i) {
      if (i) out.push_back(',');
      append_canonical(value.elements()[i], out);
    }
    return out.push_back(']');
  }
  if (!value.is_object()) return write_json(value, out);
  std::vector<const Member*> members;
  for (const Member& member : value.entries()) members.push_back(&member);
  std::sort(members.begin(), members.end(),
            [](const Member* a, const Member* b) { return a->name() < b->name(); });
  out.push_back('{');
  for (size_t i = 0; i < members.size(); ++i) {
    if (i) out.push_back(',');
    write_json_string(members[i]->name(), out);
    out.push_back(':');
    append_canonical(members[i]->value, out);
  }
  out.push_back('}');
}

}  // namespace

std::string canonical_json(const Value& value) {
  // A number that was computed and one that was read look alike: 200 and 200, 1.5 and 1.50 too.
  if (value.kind == Kind::raw_number)
    return value.is_float()     ? canonical_json(Value::of_real(value.as_real().value_or(0)))
           : value.as_integer() ? std::to_string(*value.as_integer())
                                : std::string(value.view());
  ByteBuffer out;
  append_canonical(value, out);
  return std::string(out.view());
}

void flatten_object(const Value& object, const std::string& prefix, Flat& out) {
  for (const Member& member : object.entries()) {
    const std::string name(member.name());
    const std::string path = prefix + (name.starts_with('[') ? name : "[" + name + "]");
    if (member.value.is_object() && member.value.size > 0)
      flatten_object(member.value, path, out);
    else
      out[path] = canonical_json(member.value);
  }
}

Flat flatten(const Event& event, bool metadata) {
  Flat out;
  flatten_object(event.root(), "", out);
  if (metadata) flatten_object(event.metadata(), "[@metadata]", out);
  return out;
}

std::vector<FieldChange> changes(const Flat& before, const Flat& after) {
  std::vector<FieldChange> out;
  auto a = before.begin();
  auto b = after.begin();
  while (a != before.end() || b != after.end()) {
    const bool only_a = b == after.end() || (a != before.end() && a->first < b->first);
    const bool only_b = a == before.end() || (b != after.end() && b->first < a->first);
    if (only_a) {
      out.push_back({a->first, a->second, ""});
      ++a;
    } else if (only_b) {
      out.push_back({b->first, "", b->second});
      ++b;
    } else {
      if (a->second != b->second) out.push_back({a->first, a->second, b->second});
      ++a;
      ++b;
    }
  }
  return out;
}

}  // namespace penstock
