// A keystore's file, and what lies inside once it is decrypted: an answer for any bytes, and no
// entry beyond the limits.
#include <cstdint>

#include "pipeline/base/check.h"
#include "pipeline/config/keystore.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using penstock::Keystore;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)penstock::unseal_keystore(bytes, "");  // without a password no key is derived: it is quick
  const auto entries = penstock::parse_keystore_entries(bytes);
  if (!entries.ok()) return 0;
  CHECK(entries.value().size() <= Keystore::kEntriesMax, "bounded");
  for (const auto& [name, value] : entries.value())
    CHECK(Keystore::is_name(name) && value.size() <= Keystore::kValueBytesMax, "proper entries");
  return 0;
}
