// A record as inputs give it: readable bytes follow it, which only writers may look at. While it is
// decoded they are poisoned, so that AddressSanitizer sees a decoder that reads past the end.
#pragma once

#include <algorithm>
#include <memory>
#include <string_view>

#include "pipeline/base/limits.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

namespace penstock::test {

class ExactRecord {
 public:
  explicit ExactRecord(std::string_view text)
      : size_(text.size()), bytes_(new char[text.size() + limits::kPadding]) {
    std::copy(text.begin(), text.end(), bytes_.get());
    std::fill_n(bytes_.get() + size_, limits::kPadding, '\0');
#ifdef __SANITIZE_ADDRESS__
    ASAN_POISON_MEMORY_REGION(bytes_.get() + size_, limits::kPadding);
#endif
  }
  ~ExactRecord() { allow_padding(); }
  ExactRecord(const ExactRecord&) = delete;
  ExactRecord& operator=(const ExactRecord&) = delete;

  std::string_view view() const { return {bytes_.get(), size_}; }
  void allow_padding() {
#ifdef __SANITIZE_ADDRESS__
    ASAN_UNPOISON_MEMORY_REGION(bytes_.get() + size_, limits::kPadding);
#endif
  }

 private:
  size_t size_;
  std::unique_ptr<char[]> bytes_;
};

}  // namespace penstock::test
