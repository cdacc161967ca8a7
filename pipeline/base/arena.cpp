#include "pipeline/base/arena.h"

namespace penstock {

void Arena::use(const Block& block) {
  begin_ = next_ = block.bytes.get();
  end_ = begin_ + block.size;
}

void* Arena::allocate_slow(size_t size, size_t align) {
  // Blocks kept by reset() are used again in order; one that is too small is passed over.
  while (block_ < blocks_.size()) {
    const Block& block = blocks_[block_++];
    if (block.size >= size + align) {
      use(block);
      return allocate(size, align);
    }
  }
  const size_t bytes = size + align > kBlockBytes ? size + align : kBlockBytes;
  blocks_.push_back({std::unique_ptr<char[]>(new char[bytes + limits::kPadding]), bytes});
  block_ = blocks_.size();
  reserved_ += bytes;
  // The padding is read by SIMD code whose result doesn't depend on it; set it all the same so
  // that memory checkers stay quiet.
  std::memset(blocks_.back().bytes.get() + bytes, 0, limits::kPadding);
  use(blocks_.back());
  return allocate(size, align);
}

void Arena::reset() {
  size_t kept = 0, keep = 0;
  while (keep < blocks_.size() && kept + blocks_[keep].size <= kKeepBytes)
    kept += blocks_[keep++].size;
  blocks_.resize(keep);
  reserved_ = kept;
  block_ = 0;
  begin_ = next_ = end_ = nullptr;
  if (!blocks_.empty()) use(blocks_[block_++]);
}

}  // namespace penstock
