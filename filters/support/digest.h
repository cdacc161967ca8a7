// Hashes of texts: MD5 and the SHAs, plain or keyed (HMAC), and MurmurHash3.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/base/result.h"

namespace penstock {

// One per worker; reuses its state, so that a hash costs no allocation.
class Digest {
 public:
  static constexpr size_t kBytesMax = 64;

  // `name`: SHA1, SHA256, SHA384, SHA512, MD5. With a key: HMAC. Error: the system's OpenSSL has no
  // such hash (MD5 where policy forbids it).
  static Result<Digest> make(const std::string& name, const std::optional<std::string>& key);
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  ~Digest();

  // Writes at most kBytesMax bytes, returns how many.
  size_t hash(std::string_view text, uint8_t* out);

 private:
  struct Impl;
  explicit Digest(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// MurmurHash3 by Austin Appleby (public domain): x86_32 and x64_128.
//   https://github.com/aappleby/smhasher/wiki/MurmurHash3
uint32_t murmur3_32(std::string_view bytes, uint32_t seed = 0);
std::array<uint64_t, 2> murmur3_128(std::string_view bytes, uint64_t seed);

void append_hex(const uint8_t* bytes, size_t size, std::string& out);
void append_base64(const uint8_t* bytes, size_t size, std::string& out);

}  // namespace penstock
