// gzip for request bodies: level 1 by ISA-L, which costs a quarter of zlib's level 1 for the same
// ratio on logs; higher levels by zlib. One per thread; keeps its working memory.
#pragma once

#include <memory>
#include <string_view>

#include "pipeline/base/byte_buffer.h"

namespace penstock::elastic {

class Gzip {
 public:
  explicit Gzip(int level);  // 1..9
  ~Gzip();
  Gzip(Gzip&&) noexcept;
  Gzip& operator=(Gzip&&) noexcept;

  // Replaces `out` by the compressed `in`.
  void compress(std::string_view in, ByteBuffer& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::elastic
