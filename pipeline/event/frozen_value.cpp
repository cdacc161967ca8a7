#include "pipeline/event/frozen_value.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <functional>

#include "pipeline/base/check.h"
#include "pipeline/event/json_writer.h"

namespace penstock {

const FrozenValue* Freezer::freeze(Arena& arena, const Value& value) {
  CHECK(value.is_container(), "only containers are worth freezing");
  block_.clear();
  inner_.clear();
  Value root = lay_out(rendered(arena, value));
  root.capacity_log2 = static_cast<uint16_t>(std::bit_width(root.size));
  const size_t entry = root.is_object() ? sizeof(Member) : sizeof(Value);
  auto* const out = new (arena.allocate_array<FrozenValue>(1)) FrozenValue;
  out->root_ = root;
  out->bytes_ = static_cast<uint32_t>(block_.size());
  out->allocated_ = static_cast<uint32_t>(static_cast<size_t>(root.integer) +
                                          (size_t{1} << root.capacity_log2) * entry);
  auto* const block = static_cast<char*>(arena.allocate(block_.size()));
  std::copy(block_.begin(), block_.end(), block);
  out->block_ = block;
  auto* const inner = arena.allocate_array<uint32_t>(inner_.size());
  std::copy(inner_.begin(), inner_.end(), inner);
  out->inner_ = inner;
  out->inner_count_ = static_cast<uint32_t>(inner_.size());
  read_.reset();
  return out;
}

// The value as read back from its own JSON, which then lies in the arena.
Value Freezer::rendered(Arena& arena, const Value& value) {
  json_.clear();
  write_json(value, json_);
  const std::string_view json = arena.copy(json_.view());
  Value read;
  const auto outcome = reader_.read(json, read_, read);
  CHECK(outcome == JsonReader::Outcome::ok, "our own JSON can be read");
  carry(arena, value, read, json);
  return read;
}

// Gives what was read back what JSON doesn't say, and what the reader unescaped a place to stay.
void Freezer::carry(Arena& arena, const Value& from, Value& to, std::string_view json) {
  const auto in_json = [&](const char* text) {
    return std::less_equal<>()(json.data(), text) && std::less<>()(text, json.data() + json.size());
  };
  if (from.is_object()) {
    CHECK(to.is_object() && to.size == from.size, "members came back");
    for (uint32_t i = 0; i < from.size; ++i) {
      Member& member = to.members[i];
      if (!in_json(member.name_text)) member.name_text = arena.copy(member.name()).data();
      carry(arena, from.members[i].value, member.value, json);
    }
    return;
  }
  if (from.is_array()) {
    CHECK(to.is_array() && to.size == from.size, "items came back");
    for (uint32_t i = 0; i < from.size; ++i) carry(arena, from.items[i], to.items[i], json);
    return;
  }
  const bool kept = to.kind == from.kind || (to.kind == Kind::raw_number && from.is_number());
  const auto plain_name = static_cast<uint8_t>(to.flags & Value::kPlainName);
  if (!kept) to = from;  // a time, a number that JSON doesn't have
  if (to.is_string() && !in_json(to.text)) {
    to.text = arena.copy(to.view()).data();
    to.flags &= static_cast<uint8_t>(~Value::kHasRaw);
  }
  to.flags |= static_cast<uint8_t>(plain_name | (from.flags & Value::kInert));
}

// Inner containers are laid out before the ones that hold them, so that the outermost is last and
// its room for more lies behind the block.
Value Freezer::lay_out(const Value& value) {
  Value out = value;
  out.capacity_log2 = 0;
  out.integer = value.is_object() ? members(value) : items(value);
  return out;
}

int64_t Freezer::members(const Value& value) {
  std::vector<Member> laid(value.entries().begin(), value.entries().end());
  for (Member& member : laid)
    if (member.value.is_container()) member.value = lay_out(member.value);
  return append(std::span<const Member>(laid), offsetof(Member, value));
}

int64_t Freezer::items(const Value& value) {
  std::vector<Value> laid(value.elements().begin(), value.elements().end());
  for (Value& item : laid)
    if (item.is_container()) item = lay_out(item);
  return append(std::span<const Value>(laid), 0);
}

template <class T>
int64_t Freezer::append(std::span<const T> entries, size_t value_offset) {
  const size_t at = block_.size();
  CHECK(at + entries.size_bytes() < UINT32_MAX / 2, "a frozen value is small");
  const auto* const bytes = reinterpret_cast<const char*>(entries.data());
  block_.insert(block_.end(), bytes, bytes + entries.size_bytes());
  for (size_t i = 0; i < entries.size(); ++i) {
    const size_t place = at + i * sizeof(T) + value_offset;
    Value value;
    std::memcpy(static_cast<void*>(&value), block_.data() + place, sizeof value);
    if (value.is_container()) inner_.push_back(static_cast<uint32_t>(place));
  }
  return static_cast<int64_t>(at);
}

}  // namespace penstock
