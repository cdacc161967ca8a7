#include "codecs/collectd/security.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <fstream>
#include <memory>

#include "codecs/collectd/packet.h"

namespace penstock::collectd {
namespace {

constexpr size_t kSha1Bytes = 20;
constexpr size_t kSha256Bytes = 32;
constexpr size_t kStartBytes = 16;
constexpr size_t kUsersMax = 10'000;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string digest(const EVP_MD* method, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), out.data(), &size, method, nullptr);
  return {reinterpret_cast<const char*>(out.data()), size};
}

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

}  // namespace

Result<Users> read_users(const std::string& path) {
  std::ifstream file(path);
  if (!file) return io_error("cannot read " + path);
  Users out;
  for (std::string line; out.size() < kUsersMax && std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (colon == 0 || colon == line.npos || colon + 2 == line.size()) continue;
    out[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return out;
}

bool is_signed(const Users& users, std::string_view body, std::string_view rest) {
  if (body.size() <= kSha256Bytes) return false;
  const std::string_view name = body.substr(kSha256Bytes);
  const auto user = users.find(name);
  if (user == users.end()) return false;
  std::string text(name);
  text += rest;
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned size = 0;
  const std::string& key = user->second;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes(text), text.size(), sum.data(),
       &size);
  return size == kSha256Bytes && CRYPTO_memcmp(sum.data(), body.data(), kSha256Bytes) == 0;
}

std::optional<std::string_view> decrypted(const Users& users, std::string_view body, Arena& arena) {
  if (body.size() < 2) return std::nullopt;
  const size_t name_size = big_endian(body.substr(0, 2));
  body.remove_prefix(2);
  if (body.size() < name_size + kStartBytes + kSha1Bytes) return std::nullopt;
  const auto user = users.find(body.substr(0, name_size));
  if (user == users.end()) return std::nullopt;
  const std::string_view start = body.substr(name_size, kStartBytes);
  const std::string_view cipher = body.substr(name_size + kStartBytes);
  const std::string key = digest(EVP_sha256(), user->second);
  const std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context(EVP_CIPHER_CTX_new());
  auto* const out = static_cast<unsigned char*>(arena.allocate(cipher.size(), 1));
  int size = 0;
  if (EVP_DecryptInit_ex(context.get(), EVP_aes_256_ofb(), nullptr, bytes(key), bytes(start)) !=
          1 ||
      EVP_DecryptUpdate(context.get(), out, &size, bytes(cipher),
                        static_cast<int>(cipher.size())) != 1)
    return std::nullopt;
  const std::string_view plain(reinterpret_cast<const char*>(out), static_cast<size_t>(size));
  const std::string_view parts = plain.substr(kSha1Bytes);
  if (digest(EVP_sha1(), parts) != plain.substr(0, kSha1Bytes)) return std::nullopt;
  return parts;
}

}  // namespace penstock::collectd
