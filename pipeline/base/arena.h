// Bump allocator owned by one batch. Nothing is freed singly; reset() frees all and keeps memory
// for the next batch. Not thread-safe. After any allocation limits::kPadding bytes stay readable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "pipeline/base/limits.h"

namespace penstock {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Never fails: out of memory aborts. REQUIRES: align is a power of two, at most 16.
  void* allocate(size_t size, size_t align = 8) {
    auto at = (reinterpret_cast<uintptr_t>(next_) + align - 1) & ~(uintptr_t{align} - 1);
    if (at + size > reinterpret_cast<uintptr_t>(end_)) [[unlikely]]
      return allocate_slow(size, align);
    next_ = reinterpret_cast<char*>(at + size);
    return reinterpret_cast<void*>(at);
  }

  template <class T>
  T* allocate_array(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>, "the arena runs no destructors");
    return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }

  std::string_view copy(std::string_view text) {
    if (text.empty()) return {"", 0};
    char* to = static_cast<char*>(allocate(text.size(), 1));
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }

  // Gives back the tail of the newest allocation, when `from` is inside it.
  void shrink_to(char* from) {
    if (from <= next_ && from >= begin_) next_ = from;
  }

  // Forgets everything allocated. Keeps up to kKeepBytes, so a giant batch doesn't stay resident.
  void reset();

  size_t bytes_reserved() const { return reserved_; }

  static constexpr size_t kBlockBytes = 64 << 10;
  static constexpr size_t kKeepBytes = size_t{2} << 20;

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };
  void* allocate_slow(size_t size, size_t align);
  void use(const Block& block);

  char* begin_ = nullptr;
  char* next_ = nullptr;
  char* end_ = nullptr;
  size_t block_ = 0;  // index after the block in use
  size_t reserved_ = 0;
  std::vector<Block> blocks_;
};

}  // namespace penstock
