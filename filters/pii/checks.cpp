#include "filters/pii/checks.h"

#include <algorithm>
#include <array>

#include "filters/pii/bytes.h"

namespace penstock::pii {
namespace {

unsigned number(std::string_view digits) {
  unsigned out = 0;
  for (const char c : digits) out = out * 10 + static_cast<unsigned>(c - '0');
  return out;
}

struct Country {
  char name[3];
  uint8_t length;
};
// SWIFT's IBAN registry, release 99, and the experimental ones in use. Sorted.
constexpr Country kIbanCountries[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AO", 25}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16},
    {"BF", 28}, {"BG", 22}, {"BH", 22}, {"BI", 27}, {"BJ", 28}, {"BR", 29}, {"BY", 28}, {"CF", 27},
    {"CG", 27}, {"CH", 21}, {"CI", 28}, {"CM", 27}, {"CR", 22}, {"CV", 25}, {"CY", 28}, {"CZ", 24},
    {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"DZ", 26}, {"EE", 20}, {"EG", 29}, {"ES", 24},
    {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GA", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23},
    {"GL", 18}, {"GQ", 27}, {"GR", 27}, {"GT", 28}, {"GW", 25}, {"HN", 28}, {"HR", 21}, {"HU", 28},
    {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IR", 26}, {"IS", 26}, {"IT", 27}, {"JO", 30}, {"KM", 27},
    {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21},
    {"LY", 25}, {"MA", 28}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MG", 27}, {"MK", 19}, {"ML", 28},
    {"MN", 20}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"MZ", 25}, {"NE", 28}, {"NI", 28}, {"NL", 18},
    {"NO", 15}, {"OM", 23}, {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24},
    {"RS", 22}, {"RU", 33}, {"SA", 24}, {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24},
    {"SM", 27}, {"SN", 28}, {"SO", 23}, {"ST", 25}, {"SV", 28}, {"TD", 27}, {"TG", 28}, {"TL", 23},
    {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}, {"YE", 30}};

// Country codes of one to three digits, with the whole number's length. Those with a plan of fixed
// length have it; the others have the plan's bounds. Sorted by code as text.
struct Dialling {
  std::string_view code;
  PhoneLength length;
};
constexpr Dialling kDialling[] = {
    {"1", {11, 11}},   {"20", {10, 12}},  {"211", {12, 12}}, {"212", {12, 12}}, {"213", {11, 12}},
    {"216", {11, 11}}, {"218", {11, 12}}, {"220", {10, 10}}, {"221", {12, 12}}, {"222", {11, 11}},
    {"223", {11, 11}}, {"224", {11, 12}}, {"225", {11, 13}}, {"226", {11, 11}}, {"227", {11, 11}},
    {"228", {11, 11}}, {"229", {11, 13}}, {"230", {10, 11}}, {"231", {10, 12}}, {"232", {11, 11}},
    {"233", {12, 12}}, {"234", {11, 13}}, {"235", {11, 11}}, {"236", {11, 11}}, {"237", {11, 12}},
    {"238", {10, 10}}, {"239", {10, 10}}, {"240", {12, 12}}, {"241", {10, 12}}, {"242", {12, 12}},
    {"243", {12, 12}}, {"244", {12, 12}}, {"245", {10, 12}}, {"248", {10, 10}}, {"249", {12, 12}},
    {"250", {12, 12}}, {"251", {12, 12}}, {"252", {10, 12}}, {"253", {11, 11}}, {"254", {12, 12}},
    {"255", {12, 12}}, {"256", {12, 12}}, {"257", {11, 11}}, {"258", {11, 12}}, {"260", {12, 12}},
    {"261", {12, 12}}, {"262", {12, 12}}, {"263", {11, 12}}, {"264", {10, 12}}, {"265", {10, 12}},
    {"266", {11, 11}}, {"267", {10, 11}}, {"268", {11, 11}}, {"269", {10, 10}}, {"27", {11, 11}},
    {"290", {8, 8}},   {"291", {10, 10}}, {"297", {10, 10}}, {"298", {9, 9}},   {"299", {9, 9}},
    {"30", {12, 12}},  {"31", {11, 11}},  {"32", {10, 11}},  {"33", {11, 11}},  {"34", {11, 11}},
    {"350", {11, 11}}, {"351", {12, 12}}, {"352", {9, 12}},  {"353", {10, 12}}, {"354", {10, 10}},
    {"355", {11, 12}}, {"356", {11, 11}}, {"357", {11, 11}}, {"358", {9, 13}},  {"359", {10, 12}},
    {"36", {10, 11}},  {"370", {11, 11}}, {"371", {11, 11}}, {"372", {10, 11}}, {"373", {11, 11}},
    {"374", {11, 11}}, {"375", {12, 12}}, {"376", {9, 9}},   {"377", {11, 12}}, {"378", {10, 13}},
    {"380", {12, 12}}, {"381", {11, 12}}, {"382", {11, 12}}, {"383", {11, 12}}, {"385", {11, 12}},
    {"386", {11, 11}}, {"387", {11, 12}}, {"389", {11, 11}}, {"39", {9, 13}},   {"40", {11, 11}},
    {"41", {11, 11}},  {"420", {12, 12}}, {"421", {12, 12}}, {"423", {10, 12}}, {"43", {8, 13}},
    {"44", {11, 12}},  {"45", {10, 10}},  {"46", {9, 12}},   {"47", {10, 10}},  {"48", {11, 11}},
    {"49", {9, 13}},   {"500", {8, 8}},   {"501", {10, 10}}, {"502", {11, 11}}, {"503", {11, 11}},
    {"504", {11, 11}}, {"505", {11, 11}}, {"506", {11, 11}}, {"507", {10, 11}}, {"508", {9, 9}},
    {"509", {11, 11}}, {"51", {10, 11}},  {"52", {12, 13}},  {"53", {10, 10}},  {"54", {12, 13}},
    {"55", {12, 13}},  {"56", {11, 11}},  {"57", {10, 12}},  {"58", {12, 12}},  {"590", {12, 12}},
    {"591", {11, 11}}, {"592", {10, 10}}, {"593", {11, 12}}, {"594", {12, 12}}, {"595", {11, 12}},
    {"596", {12, 12}}, {"597", {9, 10}},  {"598", {11, 11}}, {"599", {10, 11}}, {"60", {10, 12}},
    {"61", {11, 11}},  {"62", {10, 14}},  {"63", {11, 12}},  {"64", {10, 12}},  {"65", {10, 10}},
    {"66", {10, 11}},  {"670", {10, 11}}, {"672", {9, 9}},   {"673", {10, 10}}, {"674", {10, 10}},
    {"675", {10, 11}}, {"676", {8, 10}},  {"677", {8, 10}},  {"678", {8, 10}},  {"679", {10, 10}},
    {"680", {10, 10}}, {"681", {9, 9}},   {"682", {8, 8}},   {"683", {7, 10}},  {"685", {8, 10}},
    {"686", {8, 11}},  {"687", {9, 9}},   {"688", {8, 10}},  {"689", {9, 11}},  {"690", {7, 10}},
    {"691", {10, 10}}, {"692", {10, 10}}, {"7", {11, 11}},   {"800", {11, 11}}, {"81", {11, 12}},
    {"82", {10, 12}},  {"84", {11, 12}},  {"850", {11, 13}}, {"852", {11, 11}}, {"853", {11, 11}},
    {"855", {11, 12}}, {"856", {11, 13}}, {"86", {12, 13}},  {"870", {12, 12}}, {"878", {13, 15}},
    {"880", {11, 13}}, {"881", {12, 12}}, {"882", {11, 15}}, {"883", {11, 15}}, {"886", {11, 12}},
    {"90", {12, 12}},  {"91", {12, 12}},  {"92", {11, 12}},  {"93", {11, 11}},  {"94", {11, 11}},
    {"95", {10, 12}},  {"960", {10, 10}}, {"961", {10, 11}}, {"962", {11, 12}}, {"963", {11, 12}},
    {"964", {11, 13}}, {"965", {11, 11}}, {"966", {11, 12}}, {"967", {10, 12}}, {"968", {11, 11}},
    {"970", {11, 12}}, {"971", {11, 12}}, {"972", {11, 12}}, {"973", {11, 11}}, {"974", {11, 11}},
    {"975", {10, 11}}, {"976", {11, 11}}, {"977", {11, 13}}, {"98", {12, 12}},  {"992", {12, 12}},
    {"993", {11, 11}}, {"994", {12, 12}}, {"995", {12, 12}}, {"996", {12, 12}}, {"998", {12, 12}}};

}  // namespace

bool passes_luhn(std::string_view digits) {
  static constexpr std::array<uint8_t, 10> kDoubled = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};
  unsigned sum = 0;
  bool second = false;
  for (size_t i = digits.size(); i-- > 0; second = !second) {
    const auto digit = static_cast<unsigned>(digits[i] - '0');
    sum += second ? kDoubled[digit] : digit;
  }
  return sum % 10 == 0;
}

Issuer card_issuer(std::string_view digits) {
  const size_t size = digits.size();
  if (size < 12 || size > 19) return Issuer::none;
  const unsigned four = number(digits.substr(0, 4)), two = four / 100, three = four / 10;
  const auto usual = [&](bool right) { return right ? Issuer::strong : Issuer::weak; };
  if (two / 10 == 4)
    return size == 16 || size == 13 || size == 19 ? usual(size == 16) : Issuer::none;
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720))
    return size == 16 ? Issuer::strong : Issuer::none;                            // Mastercard
  if (two == 34 || two == 37) return size == 15 ? Issuer::strong : Issuer::none;  // Amex
  if (four >= 2200 && four <= 2204) return size >= 16 ? usual(size == 16) : Issuer::none;  // Mir
  if (four >= 3528 && four <= 3589) return size >= 16 ? usual(size == 16) : Issuer::none;  // JCB
  if ((three >= 300 && three <= 305) || four == 3095 || two == 36 || two == 38 || two == 39)
    return size >= 14 ? usual(size == 14) : Issuer::none;  // Diners Club
  if (four == 6011 || (three >= 644 && three <= 649) || two == 65)
    return size >= 16 ? usual(size == 16) : Issuer::none;                            // Discover
  if (two == 62 || two == 81) return size >= 16 ? usual(size == 16) : Issuer::none;  // UnionPay
  if (four == 9792) return size == 16 ? Issuer::strong : Issuer::none;               // Troy
  if (two == 50 || (two >= 56 && two <= 58) || two == 60 || two == 61 || two == 63 || two == 64 ||
      (two >= 66 && two <= 69) || two == 82)
    return Issuer::weak;  // Maestro, RuPay: 12 to 19 digits
  return Issuer::none;
}

size_t iban_length(std::string_view country) {
  const char name[2] = {static_cast<char>(country[0] & ~0x20),
                        static_cast<char>(country[1] & ~0x20)};
  const auto found = std::lower_bound(
      std::begin(kIbanCountries), std::end(kIbanCountries), std::string_view(name, 2),
      [](const Country& a, std::string_view b) { return std::string_view(a.name, 2) < b; });
  if (found == std::end(kIbanCountries) ||
      std::string_view(found->name, 2) != std::string_view(name, 2))
    return 0;
  return found->length;
}

bool is_iban(std::string_view compact) {
  if (compact.size() < 15 || compact.size() != iban_length(compact)) return false;
  uint64_t rest = 0;
  for (size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[(i + 4) % compact.size()];
    if (is_digit(c))
      rest = (rest * 10 + static_cast<uint64_t>(c - '0')) % 97;
    else if (is_alpha(c))
      rest = (rest * 100 + static_cast<uint64_t>(lower(c) - 'a') + 10) % 97;
    else
      return false;
  }
  return rest == 1;
}

bool is_ssn(std::string_view nine_digits) {
  const unsigned area = number(nine_digits.substr(0, 3));
  return area != 0 && area != 666 && area < 900 && number(nine_digits.substr(3, 2)) != 0 &&
         number(nine_digits.substr(5, 4)) != 0;
}

bool is_itin(std::string_view nine_digits) {
  const unsigned group = number(nine_digits.substr(3, 2));
  return nine_digits[0] == '9' && ((group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
                                   (group >= 90 && group <= 92) || (group >= 94 && group <= 99));
}

PhoneLength phone_length(std::string_view digits) {
  for (size_t size = 1; size <= 3 && size <= digits.size(); ++size) {
    const std::string_view code = digits.substr(0, size);
    const auto found =
        std::lower_bound(std::begin(kDialling), std::end(kDialling), code,
                         [](const Dialling& a, std::string_view b) { return a.code < b; });
    if (found != std::end(kDialling) && found->code == code) return found->length;
  }
  return {0, 0};
}

bool is_day(unsigned year, unsigned month, unsigned day) {
  return year >= 1900 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

}  // namespace penstock::pii
