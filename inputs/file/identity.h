// Which file a path, or a descriptor, is: device, inode and a hash of the file's first bytes. Inode
// numbers are used again after a file is deleted, and a file cut down to nothing and written anew
// keeps its inode; in both cases the first bytes differ.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

namespace penstock::file {

struct FileId {
  uint64_t device = 0;
  uint64_t inode = 0;

  friend auto operator<=>(const FileId&, const FileId&) = default;
};

inline FileId id_of(const struct stat& info) { return {info.st_dev, info.st_ino}; }

// The hash of the first `bytes` bytes. Grows with the file up to kBytesMax.
struct Prefix {
  static constexpr uint32_t kBytesMax = 1024;
  uint32_t bytes = 0;
  uint64_t hash = 0;

  // Of an open file: as many of the first `wanted` bytes as there are.
  static Prefix read(int descriptor, uint32_t wanted = kBytesMax);
  // Whether the file still begins as it did. Always true for an empty prefix.
  bool holds(int descriptor) const;
  friend bool operator==(const Prefix&, const Prefix&) = default;
};

}  // namespace penstock::file
