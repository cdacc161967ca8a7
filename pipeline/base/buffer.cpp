#include "pipeline/base/buffer.h"

#include <cstring>
#include <mutex>
#include <new>
#include <vector>

#include "pipeline/base/limits.h"

namespace penstock {
namespace {

// Free slabs of the pooled size. The lock is taken once for some hundred events. Never destroyed:
// slabs may be released by static destructors of other files.
struct Pool {
  std::mutex mutex;
  std::vector<Slab*> free;
};
Pool& pool() {
  static auto* instance = new Pool;
  return *instance;
}

}  // namespace

SlabRef Slab::make(size_t bytes) {
  const size_t capacity = bytes <= kBytes ? kBytes : bytes;
  if (capacity == kBytes) {
    std::lock_guard lock(pool().mutex);
    if (!pool().free.empty()) {
      Slab* slab = pool().free.back();
      pool().free.pop_back();
      slab->count_.store(1, std::memory_order_relaxed);
      return SlabRef(slab);
    }
  }
  return make_small(capacity);
}

SlabRef Slab::make_small(size_t bytes) {
  void* memory = ::operator new(sizeof(Slab) + bytes + limits::kPadding);
  auto* slab = new (memory) Slab(bytes);
  std::memset(slab->data() + bytes, 0, limits::kPadding);
  return SlabRef(slab);
}

void Slab::release(Slab* slab) {
  if (slab->capacity_ == kBytes) {
    std::lock_guard lock(pool().mutex);
    if (pool().free.size() < kPooledMax) {
      pool().free.push_back(slab);
      return;
    }
  }
  slab->~Slab();
  ::operator delete(slab);
}

}  // namespace penstock
