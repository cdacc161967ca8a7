// One way to make a fingerprint of a value. One per worker.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/base/result.h"
#include "pipeline/event/value.h"

namespace penstock::fingerprint {

class Method {
 public:
  virtual ~Method() = default;
  // `text` is the value's text form; `value` tells integers from the rest. Empty: it can't be done
  // (no address). The result's text lies in the arena.
  virtual std::optional<Value> of(const Value& value, std::string_view text, Arena& arena) = 0;
};

// SHA1, SHA256, SHA384, SHA512, MD5; with a key as HMAC.
Result<std::unique_ptr<Method>> make_digest(const std::string& name,
                                            const std::optional<std::string>& key, bool base64);
std::unique_ptr<Method> make_murmur3();
std::unique_ptr<Method> make_murmur3_128(bool base64);
// The address with all but its first `prefix` bits zero.
std::unique_ptr<Method> make_ipv4_network(unsigned prefix);

}  // namespace penstock::fingerprint
