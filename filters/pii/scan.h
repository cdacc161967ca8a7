// What the scanners of one string share: the text, what is wanted, what was found so far and which
// context words were just seen. Lives for one Detector::scan(). One thread.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "filters/pii/bytes.h"
#include "filters/pii/entity.h"

namespace penstock::pii {

// Words that make a weak number believable when they stand shortly before it.
// `call`: words like "call" and "cell" that mean other things as often as phones.
enum class Context : uint8_t { ssn, itin, phone, call, card };
inline constexpr size_t kContexts = 5;
using ContextSet = uint8_t;
constexpr ContextSet bit(Context context) {
  return static_cast<ContextSet>(1U << static_cast<unsigned>(context));
}

// How far before a number its context word may end, bytes.
inline constexpr size_t kContextBytes = 30;

struct Scan {
  std::string_view text;
  EntitySet wanted;
  std::vector<Finding>& out;
  size_t first;                          // findings of other strings come before it
  ContextSet given = 0;                  // context known from outside: the field's name
  size_t skip_until = 0;                 // anchors before it lie in something found
  size_t numbers_until = 0;              // digits before it have been looked at
  size_t no_key_end = 0;                 // from here on there is no end of a PEM block
  std::array<size_t, kContexts> seen{};  // where the last context word ended; 0 = none

  bool wants(Entity entity) const { return (wanted & bit(entity)) != 0; }
  // '\0' outside the text.
  char at(size_t i) const { return i < text.size() ? text[i] : '\0'; }
  char before(size_t i) const { return i > 0 && i <= text.size() ? text[i - 1] : '\0'; }

  // Of two findings that overlap the longer stays, the earlier when they are as long.
  void add(size_t begin, size_t end, Entity entity);
  // Context doesn't reach across another finding, or scrubbing a text would bring a word nearer to
  // a number and a second scrubbing would find more than the first. A finding of the same kind
  // hands its context on, for lists.
  void barrier(size_t end, Entity entity);
  void saw(Context context, size_t end) { seen[static_cast<size_t>(context)] = end; }
  bool near(Context context, size_t begin) const;
};

// Each looks at the place that an anchor byte or word marks, and adds what it finds.
void find_email(Scan& scan, size_t at, size_t at_size);  // at_size: 1 for '@', 3 for "%40"
void find_url_credentials(Scan& scan, size_t at);        // at: of '@'
void find_numbers(Scan& scan, size_t digit);             // the first digit of a run of groups
void find_mac(Scan& scan, size_t begin, char separator);
void find_cisco_mac(Scan& scan, size_t begin);
void find_ipv6(Scan& scan, size_t colon);
void find_iban(Scan& scan, size_t begin);
void find_key_value(Scan& scan, size_t separator, size_t separator_size);

// Words. `end` is where the word (or prefix) ends.
void find_secret_after_word(Scan& scan, size_t begin, size_t end);  // password 'x', --token x
void find_bearer(Scan& scan, size_t end);
void find_basic(Scan& scan, size_t end);
void find_identified_by(Scan& scan, size_t end);
void find_shell_password(Scan& scan, size_t end);  // mysql -pX, sshpass -p X
void find_shell_user(Scan& scan, size_t end);      // curl -u name:X
void find_private_key(Scan& scan, size_t begin);   // at "BEGIN"
void find_jwt(Scan& scan, size_t begin);
void find_aws_key(Scan& scan, size_t begin);
void find_aws_secret(Scan& scan, size_t from);
bool find_bot_token(Scan& scan, size_t begin, size_t colon);
void find_azure_secret(Scan& scan, size_t tilde);
void find_slack_hook(Scan& scan, size_t begin);
void find_date_of_birth(Scan& scan, size_t end);
void find_medical_record(Scan& scan, size_t end);
void find_passport(Scan& scan, size_t end);

// The end of the JSON web token that begins at `begin`; 0 when none does.
size_t jwt_end(std::string_view text, size_t begin);
// The end of the vendor's key that begins at `begin`; 0 when none does.
size_t vendor_key_end(std::string_view text, size_t begin);

// What a scrubbed text has in place of what was found ("[EMAIL]", "[EMAIL:5f0c...]", "****1111"):
// its end, or 0. Never found again.
size_t placeholder_end(std::string_view text, size_t begin, Entity& entity);
bool is_placeholder(std::string_view value);

}  // namespace penstock::pii
