#include "pipeline/event/batch.h"

namespace penstock {

void Batch::begin(std::shared_ptr<const Origin> origin, std::vector<SlabRef> slabs) {
  origins_.push_back(std::move(origin));
  for (SlabRef& slab : slabs) slabs_.push_back(std::move(slab));
}

Row Batch::append() {
  events_.emplace_back(arena_, origins_.empty() ? nullptr : origins_.back().get());
  return size() - 1;
}

Row Batch::append_child(Row parent) {
  events_.emplace_back(arena_, events_[parent].origin_);
  events_.back().created_ = true;
  events_.back().parent_ = parent;
  return size() - 1;
}

void Batch::drop(Row row, DropReason reason) {
  DCHECK(reason != DropReason::none, "a drop has a reason");
  if (!events_[row].alive()) return;
  events_[row].dropped_ = reason;
  ++drops_;
}

void Batch::reset() {
  events_.clear();
  origins_.clear();
  slabs_.clear();
  drops_ = 0;
  arena_.reset();
}

}  // namespace penstock
