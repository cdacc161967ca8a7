// The keystore's file: bytes to entries and back. Everything here must stand hostile bytes.
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cstring>
#include <memory>

#include "pipeline/config/keystore.h"

namespace penstock {
namespace {

constexpr std::string_view kMagic("PSKEYS\0", 7);
constexpr uint8_t kVersion = 1;
constexpr size_t kSaltBytes = 16, kKeyBytes = 32, kNonceBytes = 12, kTagBytes = 16;
// scrypt with 2^15: 32 MiB and about 0.1 s for each guess of a password.
constexpr uint8_t kScryptLog2 = 15;
constexpr uint8_t kScryptLog2Min = 14, kScryptLog2Max = 17;  // of files that are read
constexpr uint64_t kScryptMemory = uint64_t{160} << 20;

enum class Protection : uint8_t { key_inside = 0, password = 1 };

struct Head {
  Protection protection = Protection::key_inside;
  uint8_t scrypt_log2 = 0;
  std::string salt, key, nonce;
  uint32_t length = 0;
};
constexpr size_t kHeadBytes = kMagic.size() + 3 + kSaltBytes + kKeyBytes + kNonceBytes + 4;

using Key = std::array<unsigned char, kKeyBytes>;
struct Cleanse {
  Key& key;
  ~Cleanse() { OPENSSL_cleanse(key.data(), key.size()); }
};

Error corrupt(const char* what) {
  return {Errc::bad_data, std::string("the file is damaged: ") + what, {}};
}

template <class T>
void put(T number, std::string& out) {
  for (size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>(number >> (8 * i) & 0xff);
}

// Takes bytes off the front; empty when there are fewer.
class Reader {
 public:
  explicit Reader(std::string_view text) : left_(text) {}
  bool empty() const { return left_.empty(); }
  bool take(size_t bytes, std::string_view& out) {
    if (left_.size() < bytes) return false;
    out = left_.substr(0, bytes);
    left_.remove_prefix(bytes);
    return true;
  }
  template <class T>
  bool number(T& out) {
    std::string_view bytes;
    if (!take(sizeof(T), bytes)) return false;
    uint64_t held = 0;
    for (size_t i = 0; i < sizeof(T); ++i)
      held |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    out = static_cast<T>(held);
    return true;
  }

 private:
  std::string_view left_;
};

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Result<std::string> random_bytes(size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) == 1)
    return out;
  return io_error("no random numbers to be had");
}

std::string head_bytes(const Head& head) {
  std::string out(kMagic);
  out += static_cast<char>(kVersion);
  out += static_cast<char>(head.protection);
  out += static_cast<char>(head.scrypt_log2);
  out += head.salt + head.key + head.nonce;
  put(head.length, out);
  return out;
}

Result<Head> parse_head(std::string_view file) {
  Reader reader(file.substr(0, std::min(file.size(), kHeadBytes)));
  std::string_view magic, salt, key, nonce;
  uint8_t version = 0, protection = 0;
  Head head;
  if (!reader.take(kMagic.size(), magic) || magic != kMagic)
    return Error{Errc::bad_data, "this is no keystore of Penstock's", {}};
  if (!reader.number(version)) return corrupt("it ends in its head");
  if (version != kVersion)
    return Error{Errc::bad_data,
                 "its format is version " + std::to_string(version) +
                     ", and this program knows version 1: written by a newer one?",
                 {}};
  if (!reader.number(protection) || !reader.number(head.scrypt_log2) ||
      !reader.take(kSaltBytes, salt) || !reader.take(kKeyBytes, key) ||
      !reader.take(kNonceBytes, nonce) || !reader.number(head.length))
    return corrupt("it ends in its head");
  if (protection > 1) return corrupt("its protection is none that exists");
  head.protection = static_cast<Protection>(protection);
  const bool in_range = head.scrypt_log2 >= kScryptLog2Min && head.scrypt_log2 <= kScryptLog2Max;
  if (head.protection == Protection::password && !in_range) return corrupt("its work factor");
  if (file.size() != kHeadBytes + head.length + kTagBytes) return corrupt("its length is wrong");
  head.salt = salt;
  head.key = key;
  head.nonce = nonce;
  return head;
}

Status derive(const Head& head, const std::string& password, Key& key) {
  if (head.protection == Protection::key_inside) {
    std::memcpy(key.data(), head.key.data(), key.size());
    return ok_status();
  }
  const int good =
      EVP_PBE_scrypt(password.data(), password.size(), bytes_of(head.salt), head.salt.size(),
                     uint64_t{1} << head.scrypt_log2, 8, 1, kScryptMemory, key.data(), key.size());
  return good == 1 ? ok_status() : Status(io_error("the key can't be derived: out of memory?"));
}

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

// Both give "" when the library refuses, which for decryption means that the tag doesn't fit.
std::string encrypt(const Key& key, const Head& head, std::string_view text) {
  const std::string known = head_bytes(head);
  std::string out(text.size() + kTagBytes, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  int size = 0;
  const Cipher cipher(EVP_CIPHER_CTX_new());
  const bool good =
      cipher &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(),
                         bytes_of(head.nonce)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(known),
                        static_cast<int>(known.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), to, &size, bytes_of(text), static_cast<int>(text.size())) ==
          1 &&
      EVP_EncryptFinal_ex(cipher.get(), to + text.size(), &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, to + text.size()) == 1;
  return good ? out : "";
}

bool decrypt(const Key& key, const Head& head, std::string_view sealed, std::string& text) {
  const std::string known = head_bytes(head);
  const std::string_view body = sealed.substr(0, head.length);
  std::string tag(sealed.substr(head.length));
  text.assign(body.size() + 1, '\0');
  auto* to = reinterpret_cast<unsigned char*>(text.data());
  int size = 0;
  const Cipher cipher(EVP_CIPHER_CTX_new());
  const bool good =
      cipher &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(),
                         bytes_of(head.nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(known),
                        static_cast<int>(known.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), to, &size, bytes_of(body), static_cast<int>(body.size())) ==
          1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), to + body.size(), &size) == 1;
  text.resize(body.size());
  return good;
}

}  // namespace

Result<std::map<std::string, std::string>> parse_keystore_entries(std::string_view text) {
  std::map<std::string, std::string> out;
  Reader reader(text);
  while (!reader.empty()) {
    uint16_t name_size = 0;
    uint32_t value_size = 0;
    std::string_view name, value;
    if (!reader.number(name_size) || !reader.take(name_size, name) || !reader.number(value_size) ||
        !reader.take(value_size, value))
      return corrupt("an entry is cut off");
    if (!Keystore::is_name(name)) return corrupt("an entry has no proper name");
    if (value_size > Keystore::kValueBytesMax || out.size() >= Keystore::kEntriesMax)
      return corrupt("more than a keystore can hold");
    out[std::string(name)] = value;
  }
  return out;
}

Result<std::string> seal_keystore(const Keystore& store) {
  std::string text;
  for (const auto& [name, value] : store.entries_) {
    put(static_cast<uint16_t>(name.size()), text);
    text += name;
    put(static_cast<uint32_t>(value.size()), text);
    text += value;
  }
  Head head;
  TRY(head.salt, random_bytes(kSaltBytes));
  TRY(head.nonce, random_bytes(kNonceBytes));
  TRY(head.key, random_bytes(kKeyBytes));
  if (!store.password_.empty()) {
    head.protection = Protection::password;
    head.scrypt_log2 = kScryptLog2;
    head.key.assign(kKeyBytes, '\0');
  }
  head.length = static_cast<uint32_t>(text.size());
  Key key{};
  const Cleanse cleanse{key};
  TRY_STATUS(derive(head, store.password_, key));
  const std::string sealed = encrypt(key, head, text);
  OPENSSL_cleanse(text.data(), text.size());
  if (sealed.empty()) return io_error("encryption failed");
  return head_bytes(head) + sealed;
}

Result<std::map<std::string, std::string>> unseal_keystore(std::string_view file,
                                                           const std::string& password) {
  TRY(const Head head, parse_head(file));
  if (head.protection == Protection::password && password.empty())
    return Error{Errc::refused,
                 "it is protected by a password: set PENSTOCK_KEYSTORE_PASS (or "
                 "LOGSTASH_KEYSTORE_PASS)",
                 {}};
  Key key{};
  const Cleanse cleanse{key};
  TRY_STATUS(derive(head, password, key));
  std::string text;
  if (!decrypt(key, head, file.substr(kHeadBytes), text))
    return Error{Errc::refused,
                 head.protection == Protection::password
                     ? "the password is wrong, or the file is damaged"
                     : "the file is damaged: its contents don't fit its seal",
                 {}};
  auto entries = parse_keystore_entries(text);
  OPENSSL_cleanse(text.data(), text.size());
  return entries;
}

Result<bool> Keystore::has_password(const std::string& path) {
  FILE* file = std::fopen(path.c_str(), "rbe");
  if (!file) return io_error("keystore " + path + ": cannot read: " + errno_text(errno));
  std::string bytes(kFileBytesMax, '\0');
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
  std::fclose(file);
  TRY(const Head head, parse_head(bytes));
  return head.protection == Protection::password;
}

}  // namespace penstock
