// The kinds of personal data and secrets that the pii filter knows. Plain data.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock::pii {

enum class Entity : uint8_t {
  email,
  payment_card,
  us_ssn,
  phone,
  ip_address,
  iban,
  mac_address,
  jwt,
  bearer_token,
  password,
  api_key,
  aws_key,
  private_key,
  us_itin,
  us_passport,
  medical_record_number,
  date_of_birth,
};
inline constexpr size_t kEntities = 17;

// In the order of Entity; the mask of "email" is "[EMAIL]".
inline constexpr std::array<std::string_view, kEntities> kEntityNames = {
    "email",        "payment_card", "us_ssn",      "phone",
    "ip_address",   "iban",         "mac_address", "jwt",
    "bearer_token", "password",     "api_key",     "aws_key",
    "private_key",  "us_itin",      "us_passport", "medical_record_number",
    "date_of_birth"};
inline constexpr std::array<std::string_view, kEntities> kEntityMasks = {
    "[EMAIL]",        "[PAYMENT_CARD]", "[US_SSN]",      "[PHONE]",
    "[IP_ADDRESS]",   "[IBAN]",         "[MAC_ADDRESS]", "[JWT]",
    "[BEARER_TOKEN]", "[PASSWORD]",     "[API_KEY]",     "[AWS_KEY]",
    "[PRIVATE_KEY]",  "[US_ITIN]",      "[US_PASSPORT]", "[MEDICAL_RECORD_NUMBER]",
    "[DATE_OF_BIRTH]"};

using EntitySet = uint32_t;
constexpr EntitySet bit(Entity entity) { return EntitySet{1} << static_cast<unsigned>(entity); }
inline constexpr EntitySet kAllEntities = (EntitySet{1} << kEntities) - 1;
// Addresses are what most logs are read for; whoever must hide them says so.
inline constexpr EntitySet kDefaultEntities = kAllEntities & ~bit(Entity::ip_address);

constexpr std::optional<Entity> entity_named(std::string_view name) {
  for (size_t i = 0; i < kEntities; ++i)
    if (kEntityNames[i] == name) return static_cast<Entity>(i);
  return std::nullopt;
}

// Where something was found: byte offsets. `kind` is an Entity, or kEntities + n for the n-th
// custom pattern.
struct Finding {
  uint32_t begin;
  uint32_t end;
  uint8_t kind;
};

// Found in one string at most; what follows the last one is then masked as a whole, because text
// that nobody looked at must not leave.
inline constexpr size_t kFindingsMax = 10'000;

}  // namespace penstock::pii
