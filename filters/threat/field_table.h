// What the filter does with a field by its name: a table of a few dozen names, asked once for each
// member of an event, so it hashes nothing and compares one word. Immutable after construction.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "filters/threat/fragments.h"

namespace penstock::threat {

struct FieldUse {
  FieldKind kind = FieldKind::text;
  bool inherits = true;  // of the object around it
  bool skip = false;
  bool equals = false;  // a rule compares its whole value
};

class FieldTable {
 public:
  FieldTable();
  void compare_whole(std::string_view name);

  // `hash` is hash_name() of the field's name.
  FieldUse find(uint32_t hash) const {
    for (size_t i = hash;; ++i) {
      const Slot& slot = slots_[i % kSlots];
      if (!slot.used) return {};
      if (slot.hash == hash) return slot.use;
    }
  }

 private:
  static constexpr size_t kSlots = 512;
  struct Slot {
    uint32_t hash = 0;
    bool used = false;
    FieldUse use;
  };
  Slot& slot(std::string_view name);
  std::array<Slot, kSlots> slots_{};
  size_t used_ = 0;
};

}  // namespace penstock::threat
