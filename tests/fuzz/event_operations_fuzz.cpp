// Random operations on an event and on a naive model of one (nested std::maps and vectors): after
// each of them both must hold the same.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/check.h"
#include "pipeline/event/batch.h"
#include "pipeline/event/json_writer.h"

namespace penstock {
namespace {

struct Node {
  enum class Kind : uint8_t { null, number, array, object } kind = Kind::null;
  int64_t number = 0;
  std::vector<Node> items;
  std::map<std::string, Node> members;
};

Node* child(Node& parent, const FieldRef::Segment& segment) {
  if (parent.kind == Node::Kind::object) {
    const auto found = parent.members.find(segment.text);
    return found == parent.members.end() ? nullptr : &found->second;
  }
  if (parent.kind != Node::Kind::array || !segment.is_index) return nullptr;
  const auto size = static_cast<int64_t>(parent.items.size());
  const int64_t at = segment.index < 0 ? size + segment.index : segment.index;
  return at < 0 || at >= size ? nullptr : &parent.items[static_cast<size_t>(at)];
}

Node* find(Node& root, const FieldRef& field) {
  Node* at = &root;
  for (const auto& segment : field.segments())
    if (!(at = child(*at, segment))) return nullptr;
  return at;
}

bool set(Node& node, const FieldRef& field, size_t depth, const Node& value) {
  if (depth == field.segments().size()) {
    node = value;
    return true;
  }
  const auto& segment = field.segments()[depth];
  if (depth > 0 && node.kind == Node::Kind::null) node.kind = Node::Kind::object;
  if (Node* found = child(node, segment)) return set(*found, field, depth + 1, value);
  if (node.kind == Node::Kind::object)
    return set(node.members[segment.text], field, depth + 1, value);
  if (node.kind != Node::Kind::array || !segment.is_index || segment.index < 0) return false;
  node.items.resize(static_cast<size_t>(segment.index) + 1);
  return set(node.items.back(), field, depth + 1, value);
}

bool erase(Node& root, const FieldRef& field) {
  Node* parent = &root;
  for (size_t i = 0; i + 1 < field.segments().size(); ++i)
    if (!(parent = child(*parent, field.segments()[i]))) return false;
  const auto& last = field.segments().back();
  if (parent->kind == Node::Kind::object) return parent->members.erase(last.text) > 0;
  const Node* item = child(*parent, last);
  if (!item) return false;
  parent->items.erase(parent->items.begin() + (item - parent->items.data()));
  return true;
}

bool same(const Node& model, const Value& value) {
  switch (model.kind) {
    case Node::Kind::null:
      return value.is_null();
    case Node::Kind::number:
      return value.kind == Kind::integer && value.integer == model.number;
    case Node::Kind::array:
      if (!value.is_array() || value.size != model.items.size()) return false;
      for (uint32_t i = 0; i < value.size; ++i)
        if (!same(model.items[i], value.items[i])) return false;
      return true;
    case Node::Kind::object:
      if (!value.is_object() || value.size != model.members.size()) return false;
      for (const Member& member : value.entries()) {
        const auto found = model.members.find(std::string(member.name()));
        if (found == model.members.end() || !same(found->second, member.value)) return false;
      }
      return true;
  }
  return false;
}

// A few names, so that operations meet.
FieldRef field_of(uint8_t byte) {
  static const std::vector<std::string> kFields = {
      "a",      "b",         "[a][b]",    "[a][b][c]", "[a][0]", "[a][1]", "[a][-1]", "[b][2]",
      "[b][a]", "[b][0][x]", "[a][b][0]", "[c][d][e]", "c",      "[c][0]", "[b][-3]", "[c][d][1]"};
  return FieldRef::of(kFields[byte % kFields.size()]);
}

void run(const uint8_t* data, size_t size) {
  Batch batch;
  Event& event = batch[batch.append()];
  Node model;
  model.kind = Node::Kind::object;
  for (size_t i = 0; i + 1 < size && i < 2000; i += 2) {
    const FieldRef field = field_of(data[i + 1]);
    switch (data[i] % 5) {
      case 0:
      case 1: {
        Node node;
        Value value = Value::null();
        if (data[i] % 3 == 0) {
          node.kind = Node::Kind::number;
          node.number = data[i];
          value = Value::of_integer(data[i]);
        } else if (data[i] % 3 == 1) {
          node.kind = Node::Kind::array;
          value = Value::array();
        }
        Node tried = model;
        const bool expected = set(tried, field, 0, node);
        CHECK(event.set(field, value) == expected, "set() and the model disagree");
        if (expected) model = tried;
        break;
      }
      case 2:
        CHECK(event.erase(field) == erase(model, field), "erase() and the model disagree");
        break;
      case 3: {
        Node* node = find(model, field);
        const Value* found = static_cast<const Event&>(event).find(field);
        CHECK((node != nullptr) == (found != nullptr), "find() and the model disagree");
        if (node) CHECK(same(*node, *found), "find() gives another value");
        break;
      }
      default: {
        // A copy must not change with what it was copied from.
        const Value copy = deep_copy(batch.arena(), event.root());
        const Node before = model;
        (void)event.erase(field);
        (void)erase(model, field);
        CHECK(same(before, copy), "a deep copy changed");
      }
    }
    CHECK(same(model, event.root()), "the event and the model differ");
  }
}

}  // namespace
}  // namespace penstock

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  penstock::run(data, size);
  return 0;
}
