// Addresses: e-mail, credentials in URLs, MAC, IPv6, IBAN.
#include <algorithm>

#include "filters/pii/checks.h"
#include "filters/pii/scan.h"

namespace penstock::pii {
namespace {

constexpr size_t kLocalBytesMax = 64;  // RFC 5321, section 4.5.3.1
constexpr size_t kDomainBytesMax = 255;
constexpr size_t kAuthorityBytesMax = 512;  // user:password@host of a URL
constexpr size_t kIbanBytesMax = 48;        // 34 and its spaces

bool in_local(char c) {
  return is_alnum(c) || c == '.' || c == '_' || c == '+' || c == '-' || c == '\'' || c == '!' ||
         c == '#' || c == '&' || c == '~';
}

// Where the local part begins that ends at `end`; `end` when there is none.
size_t local_begin(std::string_view text, size_t end) {
  size_t begin = end;
  while (begin > 0 && end - begin <= kLocalBytesMax) {
    const char c = text[begin - 1];
    // %2B is a plus inside the name; any other escape ends it.
    if (begin >= 3 && text[begin - 3] == '%' && is_hex(text[begin - 2]) && is_hex(c)) {
      if (!has_word_at(text, begin - 3, "%2b") && !has_word_at(text, begin - 3, "%2e")) break;
      begin -= 3;
      continue;
    }
    if (!in_local(c)) break;
    --begin;
  }
  if (end - begin > kLocalBytesMax) return end;
  // The letter of an escaped line end ("\nbob@x.org") is no part of the name.
  if (begin > 0 && text[begin - 1] == '\\' && begin < end && in_class(text[begin], kLower)) ++begin;
  while (begin < end && !is_word(text[begin])) ++begin;  // quotes, dots, bullets
  if (begin < end && !is_word(text[end - 1]) && text[end - 1] != '-' && text[end - 1] != '+')
    return end;
  // "&email=" never gets here ('=' stops), but "?a&bob@x.org" does.
  for (size_t i = end; i > begin; --i)
    if (text[i - 1] == '&' || text[i - 1] == '#' || text[i - 1] == '!') return i;
  return begin;
}

bool is_file_or_unit(std::string_view ending) {
  static constexpr std::string_view kEndings[] = {
      "png",   "jpg",    "jpeg",  "gif",   "svg",   "webp",   "ico",  "css",  "js",       "mjs",
      "jsx",   "tsx",    "json",  "xml",   "html",  "htm",    "php",  "asp",  "aspx",     "log",
      "txt",   "yml",    "yaml",  "lock",  "class", "jar",    "tgz",  "gz",   "service",  "socket",
      "timer", "target", "mount", "slice", "scope", "device", "swap", "path", "automount"};
  return std::any_of(std::begin(kEndings), std::end(kEndings),
                     [&](std::string_view e) { return same_ignoring_case(ending, e); });
}

// The end of a domain with at least two labels that begins at `begin`; 0 when there is none.
size_t domain_end(std::string_view text, size_t begin) {
  size_t at = begin, labels = 0, last = begin, good = 0;
  while (at < text.size() && at - begin <= kDomainBytesMax) {
    const size_t from = at;
    while (at < text.size() && (is_alnum(text[at]) || text[at] == '-' || is_multibyte(text[at])))
      ++at;
    if (at == from || text[from] == '-') break;
    ++labels;
    last = from;
    if (labels >= 2) {
      // The text's own script may follow at once: "taro@example.jp" and then kana.
      size_t end = from;
      while (end < at && is_alpha(text[end])) ++end;
      const bool puny = has_word_at(text, from, "xn--");
      if (puny || is_multibyte(text[from])) end = at;
      const bool cut = end < at && !is_multibyte(text[end]);  // "x.4u", "x.com1"
      if (!cut && end - from >= 2 && (end - from <= 24 || puny)) good = end;
      if (cut && text[end] == '-' && end - from >= 2) good = end;  // "bob@x.org-style"
      if (cut || end < at) break;
    }
    if (at + 1 >= text.size() || text[at] != '.') break;
    ++at;
  }
  if (good == 0 || is_file_or_unit(text.substr(last, good - last))) return 0;
  // "pkg@1.0.0-beta.rc": a version, not a host.
  if (is_digit(text[begin])) {
    const size_t dot = text.find('.', begin);
    const std::string_view head = text.substr(begin, dot - begin);
    if (std::all_of(head.begin(), head.end(), is_digit) && is_digit(text[dot + 1])) return 0;
  }
  return good;
}

// "git@github.com:owner/name", "<4711.AB@mail.example.org>" after message-id: names of things.
bool is_thing(const Scan& scan, size_t begin, size_t end, std::string_view local) {
  if (local == "git" && (scan.at(end) == ':' || scan.at(end) == '/')) return true;
  size_t at = begin;
  while (at > 0 && begin - at < 4 && !is_alnum(scan.text[at - 1])) --at;
  constexpr std::string_view kMessageId = "message-id";
  return at >= kMessageId.size() && has_word_at(scan.text, at - kMessageId.size(), kMessageId);
}

}  // namespace

void find_email(Scan& scan, size_t at, size_t at_size) {
  const size_t begin = local_begin(scan.text, at);
  if (begin == at) return;
  const size_t end = domain_end(scan.text, at + at_size);
  if (end == 0) return;
  if (begin < scan.skip_until) return;  // "https://bob%40x.org@host"
  if (at_size == 1 && begin >= 3 && scan.text.substr(begin - 3, 3) == "://")
    return;  // a user name of a URL
  if (is_thing(scan, begin, end, scan.text.substr(begin, at - begin))) return;
  scan.add(begin, end, Entity::email);
}

void find_url_credentials(Scan& scan, size_t at) {
  const std::string_view text = scan.text;
  size_t begin = at;
  while (begin > 0 && at - begin < kAuthorityBytesMax) {
    const char c = text[begin - 1];
    if (is_space(c) || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`') return;
    if (c == '/' && begin >= 3 && text[begin - 2] == '/' && text[begin - 3] == ':') break;
    if (c == '/' || c == '?') return;
    --begin;
  }
  if (begin < 3 || text[begin - 1] != '/' || text[begin - 3] != ':') return;
  // A password may hold an '@': the last one before the path divides.
  size_t last = at;
  for (size_t i = at + 1; i < text.size() && i - begin < kAuthorityBytesMax; ++i) {
    const char c = text[i];
    if (is_space(c) || c == '/' || c == '?' || c == '#' || c == '"' || c == '\'' || c == '<' ||
        c == ',')
      break;
    if (c == '@') last = i;
  }
  const size_t colon = text.find(':', begin);
  if (colon == std::string_view::npos || colon + 1 >= last) return;
  const std::string_view value = text.substr(colon + 1, last - colon - 1);
  if (is_placeholder(value) || value.starts_with("${") || value.starts_with("***")) return;
  scan.add(colon + 1, last, Entity::password);
  scan.skip_until = std::max(scan.skip_until, last + 1);
}

void find_mac(Scan& scan, size_t begin, char separator) {
  const std::string_view text = scan.text;
  if (begin + 17 > text.size()) return;
  bool letter = false, zero = true, ones = true;
  for (size_t i = 0; i < 17; ++i) {
    const char c = text[begin + i];
    if (i % 3 == 2) {
      if (c != separator) return;
      continue;
    }
    if (!is_hex(c)) return;
    letter |= is_alpha(c);
    zero &= c == '0';
    ones &= (c | 0x20) == 'f';
  }
  const char before = scan.before(begin), after = scan.at(begin + 17);
  if (is_word(before) || before == separator || is_word(after)) return;
  if (after == separator && is_alnum(scan.at(begin + 18))) return;
  // Nobody's: unset and broadcast. Six pairs of digits with dashes are a date and a time.
  if (zero || ones || (separator == '-' && !letter)) return;
  scan.add(begin, begin + 17, Entity::mac_address);
}

void find_cisco_mac(Scan& scan, size_t begin) {
  const std::string_view text = scan.text;
  if (begin + 14 > text.size()) return;
  bool letter = false, digit = false;
  for (size_t i = 0; i < 14; ++i) {
    const char c = text[begin + i];
    if (i % 5 == 4) {
      if (c != '.') return;
      continue;
    }
    if (!is_hex(c)) return;
    letter |= is_alpha(c);
    digit |= is_digit(c);
  }
  const char before = scan.before(begin), after = scan.at(begin + 14);
  if (!letter || !digit || is_word(before) || before == '.' || before == '-' || is_word(after))
    return;
  if (after == '.' && is_alnum(scan.at(begin + 15))) return;
  scan.add(begin, begin + 14, Entity::mac_address);
}

namespace {

// Reads an IPv6 address at `begin`; its end, or 0. Follows RFC 4291, section 2.2.
size_t ipv6_end(std::string_view text, size_t begin) {
  size_t at = begin, groups = 0, hex = 0;
  bool compressed = false, wide = false;
  if (text.substr(at, 2) == "::") {
    compressed = true;
    at += 2;
  }
  while (groups < 8) {
    const size_t from = at;
    while (at < text.size() && at - from < 5 && is_hex(text[at])) ++at;
    const size_t size = at - from;
    if (size == 0) break;
    if (at < text.size() && text[at] == '.' && groups <= 6) {  // ends in IPv4
      size_t octets = 0, v4 = from;
      while (octets < 4 && v4 < text.size() && is_digit(text[v4])) {
        size_t digits = 0;
        while (v4 < text.size() && is_digit(text[v4]) && digits < 4) ++v4, ++digits;
        if (digits > 3) return 0;
        ++octets;
        if (octets < 4) {
          if (v4 >= text.size() || text[v4] != '.') return 0;
          ++v4;
        }
      }
      return octets == 4 && (groups == 6 || compressed) ? v4 : 0;
    }
    if (size > 4) return 0;
    ++groups;
    hex += size;
    wide |= size > 2;
    if (at >= text.size() || text[at] != ':') break;
    if (text.substr(at, 2) == "::") {
      if (compressed) return 0;
      compressed = true;
      at += 2;
    } else if (at + 1 < text.size() && is_hex(text[at + 1]) && groups < 8) {
      ++at;
    } else {
      break;
    }
  }
  if (!compressed) return groups == 8 && wide ? at : 0;  // eight pairs are a WWN
  if (groups == 0 || groups > 7) return 0;
  if (text.substr(begin, 2) == "::") return at;
  // "10::5", "a::b": as likely a scope or a range as an address.
  return wide && hex >= 3 ? at : 0;
}

}  // namespace

void find_ipv6(Scan& scan, size_t colon) {
  const std::string_view text = scan.text;
  size_t begin = colon;
  while (begin > 0 && colon - begin < 5 && is_hex(text[begin - 1])) --begin;
  const char before = scan.before(begin);
  if (is_word(before) || before == ':' || before == '.' || before == '-') return;
  size_t end = ipv6_end(text, begin);
  if (end == 0) return;
  const std::string_view address = text.substr(begin, end - begin);
  if (std::none_of(address.begin(), address.end(), is_digit) && address.size() < 9) return;
  if (scan.at(end) == '%' && is_alnum(scan.at(end + 1))) {  // a zone
    for (++end; end < text.size() && (is_word(text[end]) || text[end] == '-');) ++end;
  }
  const char after = scan.at(end);
  if (is_word(after) || (after == ':' && is_alnum(scan.at(end + 1)))) return;
  if (after == '.' && is_digit(scan.at(end + 1))) return;
  scan.add(begin, end, Entity::ip_address);
}

void find_iban(Scan& scan, size_t begin) {
  const std::string_view text = scan.text;
  const char before = scan.before(begin);
  if (is_word(before) || before == '-') return;
  const size_t length = iban_length(text.substr(begin, 2));
  if (length == 0) return;
  char compact[34];
  size_t size = 0, at = begin;
  // Dashes stand after every fourth character or not at all: ids are cut by them elsewhere.
  const bool dashes = scan.at(begin + 4) == '-';
  for (; at < text.size() && size < length && at - begin < kIbanBytesMax; ++at) {
    const char c = text[at];
    if (is_alnum(c)) {
      if (dashes && size && size % 4 == 0 && text[at - 1] != '-') return;
      compact[size++] = c;
    } else if (!((c == ' ' && !dashes) || (c == '-' && dashes && size % 4 == 0)) ||
               !is_alnum(scan.at(at + 1))) {
      return;
    }
  }
  if (size != length || is_word(scan.at(at)) || !is_iban({compact, size})) return;
  if (scan.at(at) == '-' && is_alnum(scan.at(at + 1))) return;
  scan.add(begin, at, Entity::iban);
}

}  // namespace penstock::pii
