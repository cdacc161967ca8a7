// An event as one block of memory that views nothing outside of it: how events cross from one
// pipeline into another. Values keep their kinds and flags; the block holds them as they stand in
// memory, its pointers included, so it must stay where it was written, and taking it up is free.
// What takes it up may change it in place, so a block is taken up once.
//
//   const ImageSize size = measure_image(event);
//   write_image(event, size, slab->data() + used);    // aligned to kImageAlign; size.bytes()
//   ... read_image({at, bytes}, other_event);         // which views the block from now on
//
// Costs two walks over the event (size, then copy). Thread-safe.
#pragma once

#include <string_view>

#include "pipeline/event/event.h"

namespace penstock {

inline constexpr size_t kImageAlign = 16;

struct ImageSize {
  size_t containers = 0;
  size_t text = 0;
  size_t bytes() const;  // a multiple of kImageAlign
};

ImageSize measure_image(const Event& event);
// REQUIRES: `to` is aligned and has room for size.bytes(); the event is as it was measured.
void write_image(const Event& event, const ImageSize& size, char* to);
// Gives `out` the fields and metadata. REQUIRES: `image` was written by write_image() in this
// process, lives as long as `out`'s batch, and is read once.
void read_image(std::string_view image, Event& out);

}  // namespace penstock
