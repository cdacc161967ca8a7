// FrozenValue: an object or array that is copied into many events. It lies in one block, so a copy
// is one memcpy and a few pointers; and its names and texts view its own JSON, so that a writer
// finds an unchanged copy lying there as it is to be written (see json_writer.cpp).
#pragma once

#include "pipeline/base/arena.h"
#include "pipeline/base/byte_buffer.h"
#include "pipeline/event/json_reader.h"
#include "pipeline/event/value.h"

namespace penstock {

// Immutable; lives as long as the arena it was frozen in.
class FrozenValue {
 public:
  // A copy that may be changed, with room for one more member or item.
  Value thaw(Arena& arena) const {
    char* const to = static_cast<char*>(arena.allocate(allocated_));
    std::memcpy(to, block_, bytes_);
    for (uint32_t i = 0; i < inner_count_; ++i)
      reinterpret_cast<Value*>(to + inner_[i])->integer += reinterpret_cast<intptr_t>(to);
    Value out = root_;
    out.integer += reinterpret_cast<intptr_t>(to);
    return out;
  }

 private:
  friend class Freezer;
  // Containers point to what they hold by its distance from the block's begin.
  Value root_;
  const char* block_ = nullptr;
  const uint32_t* inner_ = nullptr;  // where in the block the values of inner containers are
  uint32_t bytes_ = 0, allocated_ = 0;
  uint32_t inner_count_ = 0;
};

// Makes them. One per thread.
class Freezer {
 public:
  // Nothing of `value` is needed afterwards. Numbers keep their value and may change their kind;
  // kInert stays.
  // REQUIRES: a container that the reader can read back, no deeper than limits::kDepthMax.
  const FrozenValue* freeze(Arena& arena, const Value& value);

 private:
  Value rendered(Arena& arena, const Value& value);
  void carry(Arena& arena, const Value& from, Value& to, std::string_view json);
  Value lay_out(const Value& value);
  int64_t members(const Value& value);
  int64_t items(const Value& value);
  template <class T>
  int64_t append(std::span<const T> entries, size_t value_offset);

  JsonReader reader_;
  ByteBuffer json_;
  Arena read_;
  std::vector<char> block_;
  std::vector<uint32_t> inner_;
};

}  // namespace penstock
