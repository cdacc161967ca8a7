// Heap: the memory of one Ruby interpreter, bounded, and given back as a whole when a script was
// cut off in mid-flight and nothing of it can be trusted any more.
//
// One thread at a time, the one that runs the interpreter.
#pragma once

#include <cstddef>

namespace penstock::ruby {

class Heap {
 public:
  explicit Heap(size_t bytes_max) : bytes_max_(bytes_max) {}
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;
  ~Heap() { release(); }

  // As realloc, with size 0 as free: nullptr when the bound is reached.
  void* resize(void* block, size_t size);
  // Frees every block.
  void release();

  size_t bytes() const { return bytes_; }
  size_t bytes_max() const { return bytes_max_; }

 private:
  // Before each block; blocks are linked so that release() finds them.
  struct alignas(16) Header {
    Header* previous;
    Header* next;
    size_t size;
  };
  void link(Header* header);
  void unlink(Header* header);

  Header* newest_ = nullptr;
  size_t bytes_ = 0;
  size_t bytes_max_;
};

}  // namespace penstock::ruby
