// Checksums, ranges and tables that tell a real number from one that only has its shape.
// Stateless, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock::pii {

// All of `digits` must be '0'..'9' where that is what the parameter is called.

bool passes_luhn(std::string_view digits);

// How sure an issuer's prefix and length make us, before Luhn (ISO/IEC 7812).
enum class Issuer : uint8_t {
  none,
  weak,    // a length or range that ids share: believed with context or in groups only
  strong,  // a brand's prefix with its usual length
};
Issuer card_issuer(std::string_view digits);

// ISO 13616: country, its length, mod 97. No separators; letters in either case.
bool is_iban(std::string_view compact);
// The length that the country (two letters, either case) prescribes; 0 when it has no IBAN.
size_t iban_length(std::string_view country);

// Nine digits, as area, group and serial number (ssa.gov; irs.gov for ITIN's groups).
bool is_ssn(std::string_view nine_digits);
bool is_itin(std::string_view nine_digits);

// The shortest and longest whole number (country code and all, digits) of the country that
// `digits` begins with; {0, 0} when no country does (ITU-T E.164).
struct PhoneLength {
  uint8_t min, max;
};
PhoneLength phone_length(std::string_view digits);

// A day of the years 1900 to 2099. REQUIRES: none; false when out of range.
bool is_day(unsigned year, unsigned month, unsigned day);

}  // namespace penstock::pii
