// gzip and zlib, unpacked at once into the arena, no more than a limit: a few bytes can hold
// gigabytes. One per decoder.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "pipeline/base/arena.h"
#include "pipeline/base/byte_buffer.h"

struct z_stream_s;

namespace penstock {

// Whether the bytes begin as one of the two does.
bool is_deflated(std::string_view bytes);

class Inflater {
 public:
  Inflater();
  ~Inflater();

  // Empty when the bytes are damaged or cut off, or hold more than `bytes_max`. Several gzip
  // members one after the other are one text.
  std::optional<std::string_view> unpack(std::string_view bytes, size_t bytes_max, Arena& arena);

 private:
  bool unpack_member(size_t bytes_max);

  std::unique_ptr<z_stream_s> stream_;  // null until it is first needed
  ByteBuffer out_;
};

}  // namespace penstock
