// ByteSource: an open file as bytes to read one after the other: plain, or gzip uncompressed on the
// way. Owns the descriptor. Loop thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "pipeline/base/result.h"

namespace penstock::file {

class ByteSource {
 public:
  virtual ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // Reads up to `room` bytes; 0 at the (present) end.
  virtual Result<size_t> read(char* to, size_t room) = 0;
  // Goes on from this offset, counted in uncompressed bytes.
  virtual Status seek(uint64_t offset) = 0;
  virtual bool is_gzip() const { return false; }
  // Bytes of the file consumed, for the progress line.
  virtual uint64_t file_bytes_done() const = 0;

  int descriptor() const { return descriptor_; }

 protected:
  explicit ByteSource(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// Takes over the descriptor.
std::unique_ptr<ByteSource> plain_source(int descriptor);
std::unique_ptr<ByteSource> gzip_source(int descriptor);

// By name: .gz and .gzip.
bool is_gzip_name(std::string_view path);
// Reads the whole file through; an error says what is wrong with it.
Status check_gzip(const std::string& path);

}  // namespace penstock::file
