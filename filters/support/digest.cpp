#include "filters/support/digest.h"

#include <openssl/evp.h>

#include <bit>
#include <cstring>

#include "pipeline/base/check.h"

namespace penstock {
namespace {

constexpr size_t kBlockMax = 128;  // bytes of a block of SHA512

template <class T>
T load(const char* at) {
  static_assert(std::endian::native == std::endian::little, "MurmurHash3 reads little-endian");
  T out;
  std::memcpy(&out, at, sizeof out);
  return out;
}

// Up to eight bytes, the first the lowest.
uint64_t load_tail(std::string_view bytes) {
  uint64_t out = 0;
  std::memcpy(&out, bytes.data(), std::min(bytes.size(), sizeof out));
  return out;
}

uint32_t mixed_32(uint32_t k) { return std::rotl(k * 0xcc9e2d51U, 15) * 0x1b873593U; }

constexpr uint64_t kC1 = 0x87c37b91114253d5U, kC2 = 0x4cf5ad432745937fU;
uint64_t mixed_1(uint64_t k) { return std::rotl(k * kC1, 31) * kC2; }
uint64_t mixed_2(uint64_t k) { return std::rotl(k * kC2, 33) * kC1; }

uint64_t finished(uint64_t h) {
  h = (h ^ h >> 33) * 0xff51afd7ed558ccdU;
  h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53U;
  return h ^ h >> 33;
}

}  // namespace

struct Digest::Impl {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_MD* algorithm = nullptr;
  bool keyed = false;
  // HMAC (RFC 2104): the key as one block, combined with the two pads.
  uint8_t inner[kBlockMax] = {}, outer[kBlockMax] = {};
  size_t block = 0;

  ~Impl() {
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
  }

  // `pad` may be null.
  size_t run(const uint8_t* pad, std::string_view text, uint8_t* out) const {
    unsigned size = 0;
    const bool done = EVP_DigestInit_ex2(context, algorithm, nullptr) == 1 &&
                      (!pad || EVP_DigestUpdate(context, pad, block) == 1) &&
                      EVP_DigestUpdate(context, text.data(), text.size()) == 1 &&
                      EVP_DigestFinal_ex(context, out, &size) == 1;
    CHECK(done, "a digest that was fetched can be used");
    return size;
  }

  void set_key(std::string_view key) {
    uint8_t hashed[kBytesMax];
    if (key.size() > block) {
      const size_t size = run(nullptr, key, hashed);
      key = {reinterpret_cast<const char*>(hashed), size};
    }
    for (size_t i = 0; i < block; ++i) {
      const auto byte = i < key.size() ? static_cast<uint8_t>(key[i]) : uint8_t{0};
      inner[i] = byte ^ 0x36;
      outer[i] = byte ^ 0x5c;
    }
    keyed = true;
  }
};

Digest::Digest(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;
Digest::~Digest() = default;

Result<Digest> Digest::make(const std::string& name, const std::optional<std::string>& key) {
  auto impl = std::make_unique<Impl>();
  impl->algorithm = EVP_MD_fetch(nullptr, name.c_str(), nullptr);
  if (!impl->algorithm)
    return Error{Errc::bad_config, "OpenSSL on this machine has no " + name, {}};
  impl->block = static_cast<size_t>(EVP_MD_get_block_size(impl->algorithm));
  if (impl->block > kBlockMax) return Error{Errc::bad_config, name + " can't be used here", {}};
  if (key) impl->set_key(*key);
  return Digest(std::move(impl));
}

size_t Digest::hash(std::string_view text, uint8_t* out) {
  if (!impl_->keyed) return impl_->run(nullptr, text, out);
  uint8_t inside[kBytesMax];
  const size_t size = impl_->run(impl_->inner, text, inside);
  return impl_->run(impl_->outer, {reinterpret_cast<const char*>(inside), size}, out);
}

uint32_t murmur3_32(std::string_view bytes, uint32_t seed) {
  uint32_t h = seed;
  const size_t size = bytes.size();
  for (; bytes.size() >= 4; bytes.remove_prefix(4))
    h = std::rotl(h ^ mixed_32(load<uint32_t>(bytes.data())), 13) * 5 + 0xe6546b64U;
  if (!bytes.empty()) h ^= mixed_32(static_cast<uint32_t>(load_tail(bytes)));
  h ^= static_cast<uint32_t>(size);
  h = (h ^ h >> 16) * 0x85ebca6bU;
  h = (h ^ h >> 13) * 0xc2b2ae35U;
  return h ^ h >> 16;
}

std::array<uint64_t, 2> murmur3_128(std::string_view bytes, uint64_t seed) {
  uint64_t h1 = seed, h2 = seed;
  const size_t size = bytes.size();
  for (; bytes.size() >= 16; bytes.remove_prefix(16)) {
    h1 = (std::rotl(h1 ^ mixed_1(load<uint64_t>(bytes.data())), 27) + h2) * 5 + 0x52dce729U;
    h2 = (std::rotl(h2 ^ mixed_2(load<uint64_t>(bytes.data() + 8)), 31) + h1) * 5 + 0x38495ab5U;
  }
  if (bytes.size() > 8) h2 ^= mixed_2(load_tail(bytes.substr(8)));
  if (!bytes.empty()) h1 ^= mixed_1(load_tail(bytes));
  h1 ^= size;
  h2 ^= size;
  h1 += h2;
  h2 += h1;
  h1 = finished(h1);
  h2 = finished(h2);
  h1 += h2;
  return {h1, h2 + h1};
}

void append_hex(const uint8_t* bytes, size_t size, std::string& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < size; ++i) {
    out += kDigits[bytes[i] >> 4];
    out += kDigits[bytes[i] & 15];
  }
}

void append_base64(const uint8_t* bytes, size_t size, std::string& out) {
  const size_t before = out.size();
  out.resize(before + (size + 2) / 3 * 4 + 1);  // and a zero
  const int length = EVP_EncodeBlock(reinterpret_cast<uint8_t*>(out.data() + before), bytes,
                                     static_cast<int>(size));
  out.resize(before + static_cast<size_t>(length));
}

}  // namespace penstock
