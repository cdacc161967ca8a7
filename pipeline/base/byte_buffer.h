// A growing run of bytes for encoders: like std::string, but growth does not clear, and room is
// asked for once for several appends. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "pipeline/base/check.h"

namespace penstock {

class ByteBuffer {
 public:
  ByteBuffer() = default;
  ByteBuffer(ByteBuffer&& other) noexcept { swap(other); }
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~ByteBuffer() { std::free(data_); }

  std::string_view view() const { return {data_, size_}; }
  char* data() { return data_; }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  void clear() { size_ = 0; }
  void truncate(size_t size) { size_ = size; }  // REQUIRES: size <= size()

  // At least `more` writable bytes; tell how many were used with commit().
  char* reserve(size_t more) {
    if (capacity_ - size_ < more) [[unlikely]]
      grow(more);
    return data_ + size_;
  }
  void commit(size_t used) { size_ += used; }

  void append(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(reserve(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  void push_back(char c) {
    *reserve(1) = c;
    ++size_;
  }
  void swap(ByteBuffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  void grow(size_t more) {
    size_t wanted = capacity_ ? capacity_ * 2 : 4096;
    while (wanted - size_ < more) wanted *= 2;
    auto* bigger = static_cast<char*>(std::realloc(data_, wanted));
    CHECK(bigger != nullptr, "out of memory");
    data_ = bigger;
    capacity_ = wanted;
  }

  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace penstock
