#include "filters/pii/names.h"

#include <algorithm>
#include <array>

namespace penstock::pii {
namespace {

constexpr size_t kNameBytesMax = 64;

// Compared with the name in lower case without its separators. `whole`: nothing may precede it.
struct NameRule {
  std::string_view suffix;
  bool whole;
  std::optional<Entity> entity;
  ContextSet context;
};
constexpr auto kNone = std::nullopt;
constexpr NameRule kRules[] = {
    {"password", false, Entity::password, 0},
    {"passwd", false, Entity::password, 0},
    {"passwort", false, Entity::password, 0},
    {"passphrase", false, Entity::password, 0},
    {"passcode", false, Entity::password, 0},
    {"pwd", false, Entity::password, 0},
    {"userpass", false, Entity::password, 0},
    {"dbpass", false, Entity::password, 0},
    {"pass", true, Entity::password, 0},
    {"pw", true, Entity::password, 0},
    {"password1", false, Entity::password, 0},
    {"password2", false, Entity::password, 0},
    {"passwordconfirmation", false, Entity::password, 0},
    {"passwordconfirm", false, Entity::password, 0},
    {"motdepasse", true, Entity::password, 0},
    {"contrasena", true, Entity::password, 0},
    {"credential", false, Entity::password, 0},
    {"credentials", false, Entity::password, 0},
    {"accountkey", false, Entity::api_key, 0},
    {"sharedaccesskey", false, Entity::api_key, 0},
    {"secretaccesskey", false, Entity::aws_key, 0},
    {"awssecretkey", false, Entity::aws_key, 0},
    {"awssecret", false, Entity::aws_key, 0},
    {"awssessiontoken", false, Entity::aws_key, 0},
    {"secretkey", false, Entity::api_key, 0},
    {"secret", false, Entity::api_key, 0},
    {"apikey", false, Entity::api_key, 0},
    {"apitoken", false, Entity::api_key, 0},
    {"accesskey", false, Entity::api_key, 0},
    {"authkey", false, Entity::api_key, 0},
    {"encryptionkey", false, Entity::api_key, 0},
    {"signingkey", false, Entity::api_key, 0},
    {"masterkey", false, Entity::api_key, 0},
    {"subscriptionkey", false, Entity::api_key, 0},
    {"sig", true, Entity::api_key, 0},
    {"functionskey", true, Entity::api_key, 0},
    {"privatekey", false, Entity::private_key, 0},
    {"token", false, Entity::bearer_token, 0},
    {"jwt", true, Entity::bearer_token, 0},
    {"bearer", true, Entity::bearer_token, 0},
    {"authorization", false, Entity::bearer_token, 0},
    {"ssn", false, Entity::us_ssn, bit(Context::ssn)},
    {"socialsecurity", false, Entity::us_ssn, bit(Context::ssn)},
    {"socialsecuritynumber", false, Entity::us_ssn, bit(Context::ssn)},
    {"ssnnumber", false, Entity::us_ssn, bit(Context::ssn)},
    {"itin", false, Entity::us_itin, bit(Context::itin)},
    {"taxpayerid", false, Entity::us_itin, bit(Context::itin)},
    {"dob", false, Entity::date_of_birth, 0},
    {"dateofbirth", false, Entity::date_of_birth, 0},
    {"birthdate", false, Entity::date_of_birth, 0},
    {"birthday", false, Entity::date_of_birth, 0},
    {"mrn", false, Entity::medical_record_number, 0},
    {"medicalrecord", false, Entity::medical_record_number, 0},
    {"medicalrecordnumber", false, Entity::medical_record_number, 0},
    {"medicalrecordno", false, Entity::medical_record_number, 0},
    {"passport", false, Entity::us_passport, 0},
    {"passportnumber", false, Entity::us_passport, 0},
    {"passportno", false, Entity::us_passport, 0},
    {"cvv", false, Entity::payment_card, 0},
    {"cvv2", false, Entity::payment_card, 0},
    {"cvc", false, Entity::payment_card, 0},
    {"cardnumber", false, Entity::payment_card, bit(Context::card)},
    {"creditcard", false, Entity::payment_card, bit(Context::card)},
    {"debitcard", false, Entity::payment_card, bit(Context::card)},
    {"ccnumber", true, Entity::payment_card, bit(Context::card)},
    {"cardno", false, Entity::payment_card, bit(Context::card)},
    {"pan", true, kNone, bit(Context::card)},
    {"card", false, kNone, bit(Context::card)},
    {"phone", false, Entity::phone, bit(Context::phone)},
    {"phonenumber", false, Entity::phone, bit(Context::phone)},
    {"telephone", false, Entity::phone, bit(Context::phone)},
    {"mobile", false, Entity::phone, bit(Context::phone)},
    {"mobilenumber", false, Entity::phone, bit(Context::phone)},
    {"msisdn", false, Entity::phone, bit(Context::phone)},
    {"cellphone", false, Entity::phone, bit(Context::phone)},
    {"tel", true, Entity::phone, bit(Context::phone)},
    {"fax", false, Entity::phone, bit(Context::phone)},
};

// Two letters tell most names apart from all rules: a filter of 1024 bits over the last two.
constexpr size_t ending(char a, char b) {
  return (static_cast<size_t>(a & 31) << 5) | static_cast<size_t>(b & 31);
}
constexpr std::array<bool, 1024> make_endings() {
  std::array<bool, 1024> table{};
  for (const NameRule& rule : kRules)
    table[ending(rule.suffix[rule.suffix.size() - 2], rule.suffix.back())] = true;
  return table;
}
constexpr auto kEndings = make_endings();

constexpr std::array<std::string_view, 24> kNoSecrets = {
    "true",   "false", "null",     "none",    "nil",        "undefined",  "yes",      "no",
    "on",     "off",   "required", "invalid", "empty",      "hidden",     "redacted", "filtered",
    "(null)", "nan",   "missing",  "expired", "[filtered]", "[redacted]", "masked",   "failed"};

size_t count_digits(std::string_view value) {
  return static_cast<size_t>(std::count_if(value.begin(), value.end(), is_digit));
}

// "${DB_PASSWORD}", "{{ token }}", "%s", "$TOKEN": where a secret will be, not the secret.
bool is_reference(std::string_view value) {
  if (value.starts_with("${") || value.starts_with("{{") || value.starts_with("%{")) return true;
  if (value.size() == 2 && value[0] == '%' && is_alpha(value[1])) return true;
  return value.size() > 1 && value[0] == '$' &&
         std::all_of(value.begin() + 1, value.end(),
                     [](char c) { return in_class(c, kUpper | kUnderscore); });
}

bool is_no_secret(std::string_view value) {
  if (value.empty() || is_placeholder(value) || is_reference(value)) return true;
  if (std::all_of(value.begin(), value.end(), [&](char c) { return c == value[0]; }))
    return !is_alnum(value[0]);  // "***", "---"
  return std::any_of(kNoSecrets.begin(), kNoSecrets.end(),
                     [&](std::string_view word) { return same_ignoring_case(value, word); });
}

// Tokens and keys are long or mixed; words and small numbers under such names are not secret.
bool token_like(std::string_view value, bool quoted) {
  if (value.size() < 6 || value.find_first_of("{@ ") != std::string_view::npos) return false;
  // "token: com.apple.xpc.activity/4505" names a thing.
  const size_t label = static_cast<size_t>(
      std::find_if_not(value.begin(), value.end(), [](char c) { return in_class(c, kLower); }) -
      value.begin());
  if (label > 1 && label < value.size() && value[label] == '.') return false;
  const size_t digits = count_digits(value);
  if (digits == value.size()) return digits >= 16;
  if (digits != 0) return true;
  return value.size() >= (quoted ? 8U : 16U);
}

}  // namespace

NameMeaning meaning_of_name(std::string_view name) {
  if (name.size() < 2 || name.size() > kNameBytesMax) return {};
  char compact[kNameBytesMax];
  size_t size = 0;
  for (const char c : name)
    if (is_alnum(c)) compact[size++] = lower(c);
  if (size < 2 || !kEndings[ending(compact[size - 2], compact[size - 1])]) return {};
  const std::string_view text(compact, size);
  const NameRule* best = nullptr;
  for (const NameRule& rule : kRules) {
    if (!(rule.whole ? text == rule.suffix : text.ends_with(rule.suffix))) continue;
    if (!best || rule.suffix.size() > best->suffix.size()) best = &rule;
  }
  if (!best) return {};
  return {best->entity, best->context};
}

bool value_fits(Entity entity, std::string_view value, bool quoted) {
  if (is_placeholder(value)) return false;
  const size_t digits = count_digits(value);
  switch (entity) {
    case Entity::password:
      return !is_no_secret(value);
    case Entity::api_key:
    case Entity::aws_key:
    case Entity::bearer_token:
    case Entity::private_key:
      return !is_no_secret(value) && token_like(value, quoted);
    case Entity::us_ssn:
    case Entity::us_itin:
      return digits >= 4 && digits <= 9 && value.size() <= 16;
    case Entity::date_of_birth:
      return digits >= 4 && value.size() <= 40;
    case Entity::medical_record_number:
      return digits >= 3 && value.size() <= 32;
    case Entity::us_passport:
      return digits >= 6 && value.size() <= 16;
    case Entity::payment_card:
      return digits == value.size() ? digits == 3 || digits == 4 || (digits >= 12 && digits <= 19)
                                    : digits >= 12 && digits <= 19 && value.size() <= 24;
    case Entity::phone:
      return digits >= 7 && digits <= 15 && value.size() <= 28 &&
             value.find_first_not_of("0123456789+-.() /xext") == std::string_view::npos;
    default:
      return false;
  }
}

Entity refine_secret(Entity entity, std::string_view value) {
  if (jwt_end(value, 0) == value.size()) return Entity::jwt;
  if (vendor_key_end(value, 0) == value.size()) return Entity::api_key;
  return entity;
}

}  // namespace penstock::pii
