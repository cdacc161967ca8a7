// Every bound of the engine that no option sets, in one place. A plugin's own bounds are options
// or constants of its file. Raising one of these is a decision about memory: say why.
#pragma once

#include <cstddef>
#include <cstdint>

namespace penstock::limits {

// Readable bytes after every slab and arena block, so that SIMD readers may overrun.
inline constexpr size_t kPadding = 64;

// Depth of nested objects and arrays in an event; a deeper document is a parse failure.
inline constexpr uint32_t kDepthMax = 512;

// Largest array index that an event operation may create by writing to it.
inline constexpr uint32_t kArrayIndexMax = 10'000;

// Largest single record (line, datagram, document) of any input, bytes; the rest of a longer
// one is cut off, tagged and counted.
inline constexpr size_t kRecordBytesMax = size_t{64} << 20;

// A parcel is closed when it holds this many records or bytes.
inline constexpr uint32_t kParcelRecordsMax = 1024;
inline constexpr size_t kParcelBytesMax = 256 << 10;

// The ring between inputs and workers. A file is read faster than it is worked off, so the ring is
// full whenever one is read: 32 full slabs, two each for 16 workers.
inline constexpr uint32_t kRingParcelsMax = 256;
inline constexpr size_t kRingBytesMax = size_t{8} << 20;

// Open (unsettled) positions of one stream; beyond it the input stops reading.
inline constexpr uint32_t kAckOpenMax = 1 << 16;

}  // namespace penstock::limits
