// Parcel: what crosses the ring. Raw records of one stream, the slabs they lie in, where they come
// from, and the token that is settled when all of them are.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "pipeline/base/buffer.h"
#include "pipeline/event/origin.h"
#include "pipeline/plugin/ack.h"

namespace penstock {

// Records in the making: views into slabs, each slab held once. Loop thread.
struct Records {
  std::vector<std::string_view> views;
  std::vector<SlabRef> slabs;
  size_t bytes = 0;

  // `view` lies in `slab`.
  void add(const SlabRef& slab, std::string_view view);
  // Copies `view` into a slab of its own or the last one made for copies.
  void add_copy(std::string_view view);
  bool empty() const { return views.empty(); }
  void clear();

 private:
  SlabRef copies_;
  size_t copied_ = 0;
};

// Cuts `records` into runs of at most limits::kParcelRecordsMax records, in order; leaves it empty.
std::vector<Records> cut_into_parcels(Records& records);

struct Parcel {
  Records records;
  std::shared_ptr<const Origin> origin;
  AckToken token;
};

}  // namespace penstock
