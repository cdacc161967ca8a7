#include "filters/ruby/heap.h"

#include <cstdlib>

namespace penstock::ruby {

void Heap::link(Header* header) {
  header->previous = nullptr;
  header->next = newest_;
  if (newest_) newest_->previous = header;
  newest_ = header;
  bytes_ += header->size + sizeof(Header);
}

void Heap::unlink(Header* header) {
  if (header->previous)
    header->previous->next = header->next;
  else
    newest_ = header->next;
  if (header->next) header->next->previous = header->previous;
  bytes_ -= header->size + sizeof(Header);
}

void* Heap::resize(void* block, size_t size) {
  auto* header = block ? static_cast<Header*>(block) - 1 : nullptr;
  if (size == 0) {
    if (header) unlink(header);
    std::free(header);
    return nullptr;
  }
  const size_t before = header ? header->size : 0;
  if (size > before && bytes_ + (size - before) + sizeof(Header) > bytes_max_) return nullptr;
  if (header) unlink(header);
  auto* moved = static_cast<Header*>(std::realloc(header, sizeof(Header) + size));
  if (moved) moved->size = size;
  if (moved || header) link(moved ? moved : header);
  return moved ? moved + 1 : nullptr;
}

void Heap::release() {
  for (Header* header = newest_; header;) {
    Header* const next = header->next;
    std::free(header);
    header = next;
  }
  newest_ = nullptr;
  bytes_ = 0;
}

}  // namespace penstock::ruby
