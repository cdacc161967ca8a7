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

// Numbers that the records of a parcel give to their events (generator's sequence).
struct Numbering {
  const FieldRef* field = nullptr;  // of the input; nullptr: none
  uint64_t first = 0;               // of the parcel's first record
  uint64_t repeat = 1;              // so many records in a row have the same number

  int64_t of(uint64_t record) const { return static_cast<int64_t>((first + record) / repeat); }
};

struct Parcel {
  Records records;
  std::shared_ptr<const Origin> origin;
  AckToken token;
  Numbering numbering = {};
};

}  // namespace penstock
