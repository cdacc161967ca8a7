// Keys that are known by their own form: vendors' API keys, AWS, JSON web tokens, PEM blocks.
#include <algorithm>

#include "filters/pii/scan.h"
#include "filters/pii/vendors.h"

namespace penstock::pii {
namespace {

constexpr size_t kKeyBytesMax = 1024;
constexpr size_t kJwtPartBytesMax = 16 << 10;
constexpr size_t kPemBytesMax = 64 << 10;

// These are written in exactly this case; a word in another case is not a key.
constexpr std::string_view kCased[] = {
    "AIza",   "SG.",  "SK",    "GOCSPX-", "EAAA", "EAAC", "NRAK-", "AGE-SECRET-KEY-1",
    "ATATT3", "ATBB", "PMAK-", "LTAI",    "AKCp", "HRKU-"};

bool in_alphabet(char c, Alphabet alphabet) {
  switch (alphabet) {
    case Alphabet::alnum:
      return is_alnum(c);
    case Alphabet::word:
      return is_word(c);
    case Alphabet::base64url:
      return is_base64url(c);
    case Alphabet::hex:
      return is_hex(c);
    case Alphabet::lower_hex:
      return is_digit(c) || (c >= 'a' && c <= 'f');
    case Alphabet::dotted:
      return is_base64url(c) || c == '.';
  }
  return false;
}

bool cased_right(std::string_view text, std::string_view prefix) {
  for (const std::string_view cased : kCased)
    if (same_ignoring_case(cased, prefix)) return text == cased;
  return text == prefix;
}

// The first bytes of a base64url text, decoded.
size_t decode_base64url(std::string_view text, char* to, size_t capacity) {
  uint32_t bits = 0;
  int count = 0;
  size_t size = 0;
  for (const char c : text) {
    uint32_t value = 0;
    if (c >= 'A' && c <= 'Z')
      value = static_cast<uint32_t>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      value = static_cast<uint32_t>(c - 'a') + 26;
    else if (is_digit(c))
      value = static_cast<uint32_t>(c - '0') + 52;
    else
      value = c == '-' || c == '+' ? 62 : 63;
    bits = (bits << 6) | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    if (size == capacity) break;
    to[size++] = static_cast<char>((bits >> count) & 0xFF);
  }
  return size;
}

bool is_jwt_header(std::string_view encoded) {
  char json[384];
  const std::string_view text(json, decode_base64url(encoded.substr(0, 512), json, sizeof json));
  if (!text.starts_with('{')) return false;
  return text.find("\"alg\"") != text.npos || text.find("\"typ\"") != text.npos ||
         text.find("\"enc\"") != text.npos || text.find("\"kid\"") != text.npos;
}

size_t base64url_end(std::string_view text, size_t at) {
  const size_t limit = std::min(text.size(), at + kJwtPartBytesMax);
  while (at < limit && is_base64url(text[at])) ++at;
  return at;
}

}  // namespace

size_t vendor_key_end(std::string_view text, size_t begin, const Vendor& vendor) {
  if (!has_word_at(text, begin, vendor.prefix)) return 0;
  if (!cased_right(text.substr(begin, vendor.prefix.size()), vendor.prefix)) return 0;
  const size_t from = begin + vendor.prefix.size();
  size_t end = from;
  bool digit = false;
  while (end < text.size() && end - from < kKeyBytesMax &&
         in_alphabet(text[end], vendor.alphabet)) {
    digit |= is_digit(text[end]);
    ++end;
  }
  while (end > from && text[end - 1] == '.') --end;
  if (end - from < std::max<size_t>(vendor.min, 1) || (vendor.mixed && !digit)) return 0;
  if (vendor.exact && end - from != vendor.min) return 0;
  if (end < text.size() && is_word(text[end])) return 0;
  return end;
}

size_t vendor_key_end(std::string_view text, size_t begin) {
  size_t best = 0;
  for (const Vendor& vendor : kVendors) best = std::max(best, vendor_key_end(text, begin, vendor));
  return best;
}

size_t jwt_end(std::string_view text, size_t begin) {
  const size_t header = base64url_end(text, begin);
  if (header - begin < 12 || header >= text.size() || text[header] != '.') return 0;
  if (!is_jwt_header(text.substr(begin, header - begin))) return 0;
  size_t end = base64url_end(text, header + 1);
  if (end - header < 5) return 0;
  // A signature; encrypted tokens have three parts more.
  for (int parts = 0; parts < 3 && end < text.size() && text[end] == '.'; ++parts) {
    const size_t next = base64url_end(text, end + 1);
    if (next == end + 1 && parts > 0) break;
    if (next == end + 1 && next < text.size() && is_alnum(text[next])) break;
    end = next;
  }
  return end;
}

void find_jwt(Scan& scan, size_t begin) {
  const char before = scan.before(begin);
  if (is_word(before) || before == '-') return;
  if (const size_t end = jwt_end(scan.text, begin)) scan.add(begin, end, Entity::jwt);
}

void find_slack_hook(Scan& scan, size_t begin) {
  constexpr std::string_view kPath = "hooks.slack.com/services/";
  if (!has_word_at(scan.text, begin, kPath)) return;
  const size_t from = begin + kPath.size();
  size_t end = from;
  while (end < scan.text.size() && end - from < kKeyBytesMax &&
         (is_base64url(scan.text[end]) || scan.text[end] == '/'))
    ++end;
  if (end - from >= 16) scan.add(from, end, Entity::api_key);
}

void find_aws_key(Scan& scan, size_t begin) {
  const std::string_view text = scan.text;
  constexpr size_t kIdBytes = 20;
  if (begin + kIdBytes > text.size()) return;
  for (size_t i = begin; i < begin + kIdBytes; ++i)
    if (!in_class(text[i], kUpper | kDigit)) return;
  if (is_word(scan.before(begin)) || is_word(scan.at(begin + kIdBytes))) return;
  scan.add(begin, begin + kIdBytes, Entity::aws_key);
  find_aws_secret(scan, begin + kIdBytes);
}

// Forty bytes of base64 have no form of their own; shortly after an id or the word "aws" they do.
void find_aws_secret(Scan& scan, size_t from) {
  constexpr size_t kSecretBytes = 40, kReach = 120;
  const std::string_view text = scan.text;
  const size_t limit = std::min(text.size(), from + kReach);
  for (size_t at = from; at < limit;) {
    if (!is_base64(text[at])) {
      if (text[at] == '\n' || text[at] == '[') return;  // another line, list or finding
      ++at;
      continue;
    }
    size_t end = at;
    bool upper = false, lower_case = false, digit = false, beyond_hex = false;
    while (end < text.size() && end - at <= kSecretBytes && is_base64(text[end])) {
      upper |= in_class(text[end], kUpper);
      lower_case |= in_class(text[end], kLower);
      digit |= is_digit(text[end]);
      beyond_hex |= !is_hex(text[end]);
      ++end;
    }
    if (end - at == kSecretBytes && upper && lower_case && digit && beyond_hex &&
        !is_base64url(scan.at(end)) && scan.at(end) != '=')
      return scan.add(at, end, Entity::aws_key);
    // Another long word is something else, which its own scanner must get to see.
    constexpr size_t kLongWord = 16;
    if (end - at >= kLongWord) return;
    at = end + 1;
  }
}

// A bot's token at Telegram: its number, a colon and 35 more that begin with AA.
bool find_bot_token(Scan& scan, size_t begin, size_t colon) {
  constexpr size_t kRestBytes = 35;
  const std::string_view rest = scan.text.substr(std::min(scan.text.size(), colon + 1), kRestBytes);
  if (rest.size() < kRestBytes || !rest.starts_with("AA") || is_word(scan.at(colon + 36)))
    return false;
  if (!std::all_of(rest.begin(), rest.end(), is_base64url)) return false;
  scan.add(begin, colon + 1 + kRestBytes, Entity::api_key);
  return true;
}

// Azure's client secrets: forty characters of which the fourth to sixth are a digit and "Q~".
void find_azure_secret(Scan& scan, size_t tilde) {
  constexpr size_t kBefore = 5, kAfter = 31;
  const auto in_secret = [](char c) { return is_base64url(c) || c == '.' || c == '~'; };
  if (tilde < kBefore || scan.text[tilde - 1] != 'Q' || !is_digit(scan.text[tilde - 2])) return;
  const size_t begin = tilde - kBefore;
  if (is_word(scan.before(begin))) return;
  for (size_t i = begin; i < tilde; ++i)
    if (!in_secret(scan.text[i])) return;
  size_t end = tilde + 1;
  while (end < scan.text.size() && end - tilde <= kAfter + 4 && in_secret(scan.text[end])) ++end;
  if (end - tilde > kAfter && end - tilde <= kAfter + 4) scan.add(begin, end, Entity::api_key);
}

void find_private_key(Scan& scan, size_t begin) {
  const std::string_view text = scan.text;
  if (begin < 5 || text.substr(begin - 5, 5) != "-----") return;
  const std::string_view head = text.substr(begin, 80);
  const size_t name = head.find("PRIVATE KEY");
  if (!head.starts_with("BEGIN ") || name == head.npos || name > head.find("-----")) return;
  size_t end = text.size();
  const size_t from = begin + name;
  size_t foot = std::string_view::npos;
  if (scan.no_key_end == 0 || begin < scan.no_key_end)
    foot = text.substr(0, std::min(text.size(), from + kPemBytesMax)).find("-----END ", from);
  if (foot != std::string_view::npos) {
    const size_t close = text.find("-----", foot + 9);
    end = close == std::string_view::npos || close > foot + 80 ? foot + 9 : close + 5;
  } else {
    // Cut off: as far as it can be a key.
    scan.no_key_end = begin;
    const size_t head_end = text.find("-----", from);
    end = head_end == std::string_view::npos ? from : head_end + 5;
    while (end < text.size() && end - from < kPemBytesMax &&
           (is_base64(text[end]) || is_space(text[end]) || text[end] == '\\' || text[end] == '='))
      ++end;
    while (end > from && is_space(text[end - 1])) --end;
  }
  scan.add(begin - 5, end, Entity::private_key);
}

}  // namespace penstock::pii
