#include "filters/pii/words.h"

#include <array>
#include <cstring>

#include "filters/pii/vendors.h"

namespace penstock::pii {
namespace {

using Look = void (*)(Scan& scan, size_t begin, size_t end);

// `text` in lower case matches any case. A whole word is followed by no letter of its own case.
struct Word {
  std::string_view text;
  bool whole;
  EntitySet entities;  // looked at when one of these is wanted
  Look look;
};

constexpr EntitySet kSecrets = bit(Entity::password) | bit(Entity::api_key) | bit(Entity::aws_key) |
                               bit(Entity::bearer_token) | bit(Entity::jwt);
constexpr EntitySet kSocial = bit(Entity::us_ssn) | bit(Entity::us_itin);

void after_secret_word(Scan& scan, size_t begin, size_t end) {
  find_secret_after_word(scan, begin, end);
}
template <void (*find)(Scan&, size_t)>
void from_begin(Scan& scan, size_t begin, size_t) {
  find(scan, begin);
}
template <void (*find)(Scan&, size_t)>
void from_end(Scan& scan, size_t, size_t end) {
  find(scan, end);
}
template <Context context>
void remember(Scan& scan, size_t, size_t end) {
  scan.saw(context, end);
}
void private_key(Scan& scan, size_t begin, size_t) { find_private_key(scan, begin); }

constexpr EntitySet kPhone = bit(Entity::phone), kCard = bit(Entity::payment_card);
constexpr Word kWords[] = {
    {"pass", false, kSecrets, after_secret_word},
    {"pwd", true, kSecrets, after_secret_word},
    {"secret", true, kSecrets, after_secret_word},
    {"token", true, kSecrets, after_secret_word},
    {"api", false, kSecrets, after_secret_word},
    {"bearer", true, bit(Entity::bearer_token) | bit(Entity::jwt), from_end<find_bearer>},
    {"basic", true, bit(Entity::bearer_token), from_end<find_basic>},
    {"identified", true, bit(Entity::password), from_end<find_identified_by>},
    {"mysql", false, bit(Entity::password), from_end<find_shell_password>},
    {"mariadb", false, bit(Entity::password), from_end<find_shell_password>},
    {"sshpass", true, bit(Entity::password), from_end<find_shell_password>},
    {"curl", true, bit(Entity::password), from_end<find_shell_user>},
    {"wget", true, bit(Entity::password), from_end<find_shell_user>},
    {"begin ", false, bit(Entity::private_key), private_key},
    {"eyj", false, bit(Entity::jwt), from_begin<find_jwt>},
    {"eya", false, bit(Entity::jwt), from_begin<find_jwt>},
    {"ewo", false, bit(Entity::jwt), from_begin<find_jwt>},
    {"akia", false, bit(Entity::aws_key), from_begin<find_aws_key>},
    {"asia", false, bit(Entity::aws_key), from_begin<find_aws_key>},
    {"abia", false, bit(Entity::aws_key), from_begin<find_aws_key>},
    {"acca", false, bit(Entity::aws_key), from_begin<find_aws_key>},
    {"aws", false, bit(Entity::aws_key), from_end<find_aws_secret>},
    {"secret", true, bit(Entity::aws_key), from_end<find_aws_secret>},
    {"hooks.slack.com", false, bit(Entity::api_key), from_begin<find_slack_hook>},
    {"dob", true, bit(Entity::date_of_birth), from_end<find_date_of_birth>},
    {"d.o.b", false, bit(Entity::date_of_birth), from_end<find_date_of_birth>},
    {"birth", true, bit(Entity::date_of_birth), from_end<find_date_of_birth>},
    {"birthdate", true, bit(Entity::date_of_birth), from_end<find_date_of_birth>},
    {"birthday", true, bit(Entity::date_of_birth), from_end<find_date_of_birth>},
    {"born", true, bit(Entity::date_of_birth), from_end<find_date_of_birth>},
    {"geboren", true, bit(Entity::date_of_birth), from_end<find_date_of_birth>},
    {"geburtsdatum", true, bit(Entity::date_of_birth), from_end<find_date_of_birth>},
    {"mrn", true, bit(Entity::medical_record_number), from_end<find_medical_record>},
    {"medical record", false, bit(Entity::medical_record_number), from_end<find_medical_record>},
    {"medical_record", false, bit(Entity::medical_record_number), from_end<find_medical_record>},
    {"medical-record", false, bit(Entity::medical_record_number), from_end<find_medical_record>},
    {"medicalrecord", false, bit(Entity::medical_record_number), from_end<find_medical_record>},
    {"medrec", true, bit(Entity::medical_record_number), from_end<find_medical_record>},
    {"patient id", true, bit(Entity::medical_record_number), from_end<find_medical_record>},
    {"patient_id", true, bit(Entity::medical_record_number), from_end<find_medical_record>},
    {"patient number", true, bit(Entity::medical_record_number), from_end<find_medical_record>},
    {"chart number", true, bit(Entity::medical_record_number), from_end<find_medical_record>},
    {"passport", true, bit(Entity::us_passport), from_end<find_passport>},
    {"passportnumber", true, bit(Entity::us_passport), from_end<find_passport>},
    {"passportno", true, bit(Entity::us_passport), from_end<find_passport>},
    {"ssn", true, kSocial, remember<Context::ssn>},
    {"social", true, kSocial, remember<Context::ssn>},
    {"social security", true, kSocial, remember<Context::ssn>},
    {"social_security", true, kSocial, remember<Context::ssn>},
    {"socialsecurity", false, kSocial, remember<Context::ssn>},
    {"itin", true, kSocial, remember<Context::itin>},
    {"taxpayer", true, kSocial, remember<Context::itin>},
    {"tax id", true, kSocial, remember<Context::itin>},
    {"tax_id", true, kSocial, remember<Context::itin>},
    {"phone", true, kPhone, remember<Context::phone>},
    {"phonenumber", true, kPhone, remember<Context::phone>},
    {"telephone", true, kPhone, remember<Context::phone>},
    {"tel", true, kPhone, remember<Context::phone>},
    {"mobile", true, kPhone, remember<Context::phone>},
    {"cell", true, kPhone, remember<Context::call>},
    {"cellphone", true, kPhone, remember<Context::phone>},
    {"fax", true, kPhone, remember<Context::phone>},
    {"call", true, kPhone, remember<Context::call>},
    {"called", true, kPhone, remember<Context::call>},
    {"caller", true, kPhone, remember<Context::call>},
    {"callback", true, kPhone, remember<Context::call>},
    {"dial", true, kPhone, remember<Context::call>},
    {"dialed", true, kPhone, remember<Context::call>},
    {"sms", true, kPhone, remember<Context::phone>},
    {"whatsapp", true, kPhone, remember<Context::phone>},
    {"msisdn", true, kPhone, remember<Context::phone>},
    {"contact", true, kPhone, remember<Context::call>},
    {"telefonnummer", true, kPhone, remember<Context::phone>},
    {"rufnummer", true, kPhone, remember<Context::phone>},
    {"handynummer", true, kPhone, remember<Context::phone>},
    {"telefon", true, kPhone, remember<Context::phone>},
    {"handy", true, kPhone, remember<Context::call>},
    {"mobil", true, kPhone, remember<Context::phone>},
    {"ring", true, kPhone, remember<Context::call>},
    {"card", true, kCard, remember<Context::card>},
    {"cardnumber", true, kCard, remember<Context::card>},
    {"creditcard", true, kCard, remember<Context::card>},
    {"credit", true, kCard, remember<Context::card>},
    {"debit", true, kCard, remember<Context::card>},
    {"visa", true, kCard, remember<Context::card>},
    {"mastercard", true, kCard, remember<Context::card>},
    {"amex", true, kCard, remember<Context::card>},
    {"american express", true, kCard, remember<Context::card>},
    {"discover", true, kCard, remember<Context::card>},
    {"diners", true, kCard, remember<Context::card>},
    {"jcb", true, kCard, remember<Context::card>},
    {"unionpay", true, kCard, remember<Context::card>},
    {"maestro", true, kCard, remember<Context::card>},
    {"pan", true, kCard, remember<Context::card>},
    {"payment", true, kCard, remember<Context::card>},
    {"paid", true, kCard, remember<Context::card>},
    {"billing", true, kCard, remember<Context::card>},
    {"kreditkarte", true, kCard, remember<Context::card>},
};

constexpr size_t kWordCount = std::size(kWords), kRuleCount = kWordCount + std::size(kVendors);
constexpr size_t kBuckets = kWordBuckets;
constexpr uint8_t kEnd = 255;
static_assert(kRuleCount < kEnd);

constexpr uint32_t first_three(std::string_view text) {
  // "sk" followed by hex: two letters are all it has, so all that may follow is entered.
  return static_cast<uint32_t>(static_cast<uint8_t>(text[0])) |
         static_cast<uint32_t>(static_cast<uint8_t>(text[1])) << 8 |
         static_cast<uint32_t>(static_cast<uint8_t>(text[2])) << 16;
}

// Chains of rules (words, then vendors) by the hash of their first three bytes.
struct Index {
  std::array<uint64_t, kBuckets / 64> known{};
  std::array<uint8_t, kBuckets> head{};
  // A rule may stand in several chains, hence slots.
  std::array<uint8_t, kRuleCount + 16> rule{}, next{};
  size_t slots = 0;

  constexpr void enter(uint32_t three, size_t which) {
    const size_t bucket = word_bucket(three);
    rule[slots] = static_cast<uint8_t>(which);
    next[slots] = head[bucket];
    head[bucket] = static_cast<uint8_t>(slots);
    known[bucket / 64] |= uint64_t{1} << (bucket % 64);
    ++slots;
  }
};
constexpr Index make_index() {
  Index index;
  for (auto& head : index.head) head = kEnd;
  for (size_t i = 0; i < kRuleCount; ++i) {
    const std::string_view text = i < kWordCount ? kWords[i].text : kVendors[i - kWordCount].prefix;
    if (text.size() >= 3) {
      index.enter(first_three(text), i);
      continue;
    }
    for (const char c : std::string_view("0123456789abcdef")) {
      const char three[3] = {text[0], text[1], c};
      index.enter(first_three({three, 3}), i);
    }
  }
  return index;
}
constexpr Index kIndex = make_index();

bool is_whole(std::string_view text, size_t end) {
  if (end >= text.size() || !is_alpha(text[end])) return true;
  if (text[end] == 's' && (end + 1 >= text.size() || !is_alpha(text[end + 1]))) return true;
  return in_class(text[end], kUpper) && in_class(text[end - 1], kLower);  // phoneNumber
}

void look_at_vendor(Scan& scan, size_t begin, const Vendor& vendor) {
  if (!scan.wants(Entity::api_key)) return;
  const char before = scan.before(begin);
  if (is_word(before) || before == '-') return;
  if (const size_t end = vendor_key_end(scan.text, begin, vendor))
    scan.add(begin, end, Entity::api_key);
}

uint32_t load_three(const char* at) {
  uint32_t three = 0;
  std::memcpy(&three, at, 3);
  return three;
}

}  // namespace

constinit const std::array<uint64_t, kWordBuckets / 64> kKnownWords = kIndex.known;

void look_at_word(Scan& scan, size_t begin) {
  if (begin + 3 > scan.text.size()) return;
  const size_t bucket = word_bucket(load_three(scan.text.data() + begin));
  for (uint8_t slot = kIndex.head[bucket]; slot != kEnd; slot = kIndex.next[slot]) {
    const uint8_t rule = kIndex.rule[slot];
    if (rule >= kWordCount) {
      look_at_vendor(scan, begin, kVendors[rule - kWordCount]);
      continue;
    }
    const Word& word = kWords[rule];
    const size_t end = begin + word.text.size();
    if (!(scan.wanted & word.entities) || !has_word_at(scan.text, begin, word.text)) continue;
    if (word.whole && !is_whole(scan.text, end)) continue;
    word.look(scan, begin, end);
  }
}

}  // namespace penstock::pii
