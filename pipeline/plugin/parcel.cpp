#include "pipeline/plugin/parcel.h"

#include <algorithm>
#include <cstring>

#include "pipeline/base/limits.h"

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

std::vector<Records> cut_into_parcels(Records& records) {
  std::vector<Records> out;
  // One chunk of a file fits in one parcel but for very short lines; then all runs hold the slabs.
  if (records.views.size() <= limits::kParcelRecordsMax) {
    if (!records.empty()) out.push_back(std::move(records));
    records.clear();
    return out;
  }
  for (size_t from = 0; from < records.views.size();) {
    Records& run = out.emplace_back();
    run.slabs = records.slabs;
    for (; from < records.views.size() && run.views.size() < limits::kParcelRecordsMax; ++from) {
      run.views.push_back(records.views[from]);
      run.bytes += records.views[from].size();
    }
  }
  records.clear();
  return out;
}

}  // namespace penstock
