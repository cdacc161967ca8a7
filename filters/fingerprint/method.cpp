#include "filters/fingerprint/method.h"

#include <cstring>
#include <limits>

#include "filters/support/digest.h"
#include "filters/support/ip_network.h"

namespace penstock::fingerprint {
namespace {

// Hash bytes as text.
class Encoding {
 public:
  explicit Encoding(bool base64) : base64_(base64) {}
  Value text(const uint8_t* bytes, size_t size, Arena& arena) {
    scratch_.clear();
    if (base64_)
      append_base64(bytes, size, scratch_);
    else
      append_hex(bytes, size, scratch_);
    return Value::string(arena.copy(scratch_), Value::kClean);
  }

 private:
  bool base64_;
  std::string scratch_;
};

class Cryptographic : public Method {
 public:
  Cryptographic(Digest digest, bool base64) : digest_(std::move(digest)), encoding_(base64) {}

  std::optional<Value> of(const Value&, std::string_view text, Arena& arena) override {
    uint8_t bytes[Digest::kBytesMax];
    const size_t size = digest_.hash(text, bytes);
    return encoding_.text(bytes, size, arena);
  }

 private:
  Digest digest_;
  Encoding encoding_;
};

// The bytes of an integer, as Ruby's pack("V") and pack("Q<").
template <class T>
struct Packed {
  explicit Packed(int64_t integer) {
    const auto cut = static_cast<T>(integer);
    std::memcpy(bytes, &cut, sizeof cut);
  }
  std::string_view view() const { return {bytes, sizeof bytes}; }
  char bytes[sizeof(T)];
};

std::optional<int64_t> integer_of(const Value& value) {
  return value.is_number() && !value.is_float() ? value.as_integer() : std::nullopt;
}

class Murmur3 : public Method {
 public:
  std::optional<Value> of(const Value& value, std::string_view text, Arena&) override {
    if (const auto integer = integer_of(value))
      return Value::of_integer(murmur3_32(Packed<uint64_t>(*integer).view()));
    return Value::of_integer(murmur3_32(text));
  }
};

class Murmur3Long : public Method {
 public:
  explicit Murmur3Long(bool base64) : encoding_(base64) {}

  std::optional<Value> of(const Value& value, std::string_view text, Arena& arena) override {
    std::array<uint64_t, 2> hash;
    const auto integer = integer_of(value);
    if (!integer)
      hash = murmur3_128(text, kSeed);
    else if (*integer == static_cast<int32_t>(*integer))
      hash = murmur3_128(Packed<uint32_t>(*integer).view(), kSeed);
    else
      hash = murmur3_128(Packed<uint64_t>(*integer).view(), kSeed);
    uint8_t bytes[sizeof hash];
    std::memcpy(bytes, hash.data(), sizeof bytes);
    return encoding_.text(bytes, sizeof bytes, arena);
  }

 private:
  static constexpr uint64_t kSeed = 2;  // Logstash's
  Encoding encoding_;
};

class Network : public Method {
 public:
  explicit Network(unsigned prefix) : prefix_(prefix) {}

  std::optional<Value> of(const Value& value, std::string_view text, Arena& arena) override {
    auto address = value.is_string() ? IpNetwork::parse(text) : std::nullopt;
    if (!address || !address->mask(prefix_)) return std::nullopt;
    return Value::string(arena.copy(address->text()), Value::kClean);
  }

 private:
  unsigned prefix_;
};

}  // namespace

Result<std::unique_ptr<Method>> make_digest(const std::string& name,
                                            const std::optional<std::string>& key, bool base64) {
  TRY(Digest digest, Digest::make(name, key));
  return std::unique_ptr<Method>(std::make_unique<Cryptographic>(std::move(digest), base64));
}

std::unique_ptr<Method> make_murmur3() { return std::make_unique<Murmur3>(); }

std::unique_ptr<Method> make_murmur3_128(bool base64) {
  return std::make_unique<Murmur3Long>(base64);
}

std::unique_ptr<Method> make_ipv4_network(unsigned prefix) {
  return std::make_unique<Network>(prefix);
}

}  // namespace penstock::fingerprint
