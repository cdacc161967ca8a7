// The keystore: secrets that a configuration names as ${KEY}, encrypted in one file beside the
// settings (docs/KEYSTORE.md). Names are compared without regard to case, as in Logstash. Values
// are never part of a message.
//
//   TRY(Keystore store, Keystore::open(path, password));    // "" = not protected by a password
//   store.find("es_password");
//   store.set("ES_PASSWORD", "..."); store.save();
//
// The file, all numbers little-endian:
//
//   "PSKEYS" 0 | version 1 | protection 1 | log2(N) 1 | salt 16 | key 32 | nonce 12 | length 4
//   then `length` bytes of AES-256-GCM text and its tag of 16; everything before is authenticated.
//
// protection 0: the key stands in the file, which hides the values from a glance and a search, not
// from whoever may read the file. protection 1: the key is scrypt(password, salt, N, r = 8, p = 1)
// and the field `key` is zero. The text is a run of: name length 2, name, value length 4, value.
//
// Main thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/result.h"
#include "pipeline/config/environment.h"

namespace penstock {

class Keystore {
 public:
  static constexpr std::string_view kFile = "penstock.keystore";
  static constexpr size_t kFileBytesMax = 4 << 20;
  static constexpr size_t kEntriesMax = 4096;
  static constexpr size_t kNameBytesMax = 256;
  static constexpr size_t kValueBytesMax = 64 << 10;

  // Nothing is written before save().
  static Keystore create(std::string path, std::string password);
  static Result<Keystore> open(const std::string& path, const std::string& password);
  // Whether the file asks for a password.
  static Result<bool> has_password(const std::string& path);
  // PENSTOCK_KEYSTORE_PASS, else LOGSTASH_KEYSTORE_PASS, else "".
  static Result<std::string> password_of(const Environment& environment);

  // Letters, digits, `_` and `.`, no digit first: what ${...} can name.
  static bool is_name(std::string_view name);
  const std::string* find(std::string_view name) const;
  Status set(std::string_view name, std::string value);
  bool remove(std::string_view name);
  std::vector<std::string> names() const;  // sorted, lower case
  // Replaces the file at once or not at all; only its owner may read it.
  Status save() const;

 private:
  friend Result<std::string> seal_keystore(const Keystore& store);
  std::string path_;
  std::string password_;
  std::map<std::string, std::string> entries_;
};

// The file's bytes; for save() and tests.
Result<std::string> seal_keystore(const Keystore& store);
// And back.
Result<std::map<std::string, std::string>> unseal_keystore(std::string_view file,
                                                           const std::string& password);
// The decrypted text. For a fuzz target: what only the right key should get to, but still parsed
// with care.
Result<std::map<std::string, std::string>> parse_keystore_entries(std::string_view text);

// `${NAME}` from `folder`'s keystore first, when there is one, then from `environment`. A keystore
// that can't be opened is an error.
Result<Environment> with_keystore(const std::string& folder, Environment environment);

}  // namespace penstock
