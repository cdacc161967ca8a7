// Receive buffers. A Slab is a counted block of bytes that inputs read into and events view;
// SlabRef shares it. limits::kPadding readable bytes follow its capacity.
//
// A slab is filled by one loop thread, then only read; the count may change on any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace penstock {

class SlabRef;

class Slab {
 public:
  static constexpr size_t kBytes = 256 << 10;  // the pooled size

  // A slab of at least `bytes`. Sizes up to kBytes come from a pool of at most kPooledMax free
  // slabs.
  static SlabRef make(size_t bytes = kBytes);
  // A slab of just `bytes`, not pooled: for the odd copied record.
  static SlabRef make_small(size_t bytes);

  char* data() { return reinterpret_cast<char*>(this + 1); }
  size_t capacity() const { return capacity_; }

  static constexpr size_t kPooledMax = 64;

 private:
  friend class SlabRef;
  explicit Slab(size_t capacity) : capacity_(capacity) {}
  static void release(Slab* slab);

  std::atomic<uint32_t> count_{1};
  size_t capacity_;
};

class SlabRef {
 public:
  SlabRef() = default;
  SlabRef(const SlabRef& other) : slab_(other.slab_) {
    // relaxed: a new reference is only made from one that is already held
    if (slab_) slab_->count_.fetch_add(1, std::memory_order_relaxed);
  }
  SlabRef(SlabRef&& other) noexcept : slab_(std::exchange(other.slab_, nullptr)) {}
  SlabRef& operator=(SlabRef other) noexcept {
    std::swap(slab_, other.slab_);
    return *this;
  }
  ~SlabRef() {
    // acq_rel: the last holder must see every read by the others before the memory is reused
    if (slab_ && slab_->count_.fetch_sub(1, std::memory_order_acq_rel) == 1) Slab::release(slab_);
  }

  Slab* get() const { return slab_; }
  Slab* operator->() const { return slab_; }
  explicit operator bool() const { return slab_ != nullptr; }

 private:
  friend class Slab;
  explicit SlabRef(Slab* slab) : slab_(slab) {}
  Slab* slab_ = nullptr;
};

// A slice of a slab that keeps it alive.
struct Bytes {
  SlabRef slab;
  std::string_view view;
};

}  // namespace penstock
