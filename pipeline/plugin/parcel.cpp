#include "pipeline/plugin/parcel.h"

#include <algorithm>
#include <cstring>

namespace penstock {
namespace {

// Copied records are few: one per chunk. A pooled slab each would multiply a parcel's memory.
constexpr size_t kCopySlabBytes = 4096;

}  // namespace

void Records::add(const SlabRef& slab, std::string_view view) {
  if (slabs.empty() || slabs.back().get() != slab.get()) slabs.push_back(slab);
  views.push_back(view);
  bytes += view.size();
}

void Records::add_copy(std::string_view view) {
  if (!copies_ || copies_->capacity() - copied_ < view.size()) {
    copies_ = Slab::make_small(std::max(view.size(), kCopySlabBytes));
    copied_ = 0;
  }
  char* to = copies_->data() + copied_;
  if (!view.empty()) std::memcpy(to, view.data(), view.size());
  copied_ += view.size();
  const SlabRef slab = copies_;
  add(slab, {to, view.size()});
}

void Records::clear() {
  views.clear();
  slabs.clear();
  bytes = 0;
  copies_ = {};
  copied_ = 0;
}

}  // namespace penstock
