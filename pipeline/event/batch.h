// Batch: the rows that one worker carries through the program together; one arena. A worker owns
// one batch and resets it when every output has encoded what it needs, so the memory stays warm.
// Rows are never moved: filters work on selections (Rows) and dropping marks a row.
//
// Worker thread only.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "pipeline/base/arena.h"
#include "pipeline/base/buffer.h"
#include "pipeline/event/event.h"
#include "pipeline/event/origin.h"

namespace penstock {

using Row = uint32_t;
using Rows = std::span<const Row>;  // a selection, in the order of events
inline constexpr Row kNoRow = UINT32_MAX;

class Batch {
 public:
  Batch() = default;
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  uint32_t size() const { return static_cast<uint32_t>(events_.size()); }
  bool empty() const { return events_.empty(); }
  Event& operator[](Row row) { return events_[row]; }
  const Event& operator[](Row row) const { return events_[row]; }
  Arena& arena() { return arena_; }

  // Events appended from now on come from `origin`, and view `slabs`. The batch keeps both.
  void begin(std::shared_ptr<const Origin> origin, std::vector<SlabRef> slabs);
  // A new row, empty: for decoders. Invalidates Event&, never Row.
  Row append();
  // A new row born of `parent` (split, clone), same origin, empty. For filters.
  Row append_child(Row parent);

  // The row stays in place and is skipped from now on. REQUIRES: reason != none.
  void drop(Row row, DropReason reason);
  // Rows dropped so far, so that a selection need only be looked through when it changed.
  uint32_t drops() const { return drops_; }
  bool created(Row row) const { return events_[row].created_; }
  // Of a row made by append_child(); kNoRow for others.
  Row parent(Row row) const { return events_[row].parent_; }

  // Forgets rows, text and origins; keeps memory.
  void reset();

 private:
  Arena arena_;
  std::vector<Event> events_;
  std::vector<std::shared_ptr<const Origin>> origins_;
  std::vector<SlabRef> slabs_;
  uint32_t drops_ = 0;
};

}  // namespace penstock
