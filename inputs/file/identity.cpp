#include "inputs/file/identity.h"

#include <unistd.h>

#include <algorithm>

namespace penstock::file {
namespace {

// FNV-1a, 64 bits.
uint64_t hash_bytes(const unsigned char* bytes, size_t size) {
  uint64_t hash = 0xCBF29CE484222325U;
  for (size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 0x100000001B3U;
  return hash;
}

}  // namespace

Prefix Prefix::read(int descriptor, uint32_t wanted) {
  unsigned char bytes[kBytesMax];
  const ssize_t got = pread(descriptor, bytes, std::min(wanted, kBytesMax), 0);
  if (got <= 0) return {};
  return {static_cast<uint32_t>(got), hash_bytes(bytes, static_cast<size_t>(got))};
}

bool Prefix::holds(int descriptor) const { return bytes == 0 || read(descriptor, bytes) == *this; }

}  // namespace penstock::file
