// Numbers in groups: payment cards, SSN, ITIN, phones, IPv4. A run of digit groups is parsed once;
// then each group is tried as the beginning of each kind. What isn't one of them costs a few
// comparisons of group lengths.
#include <algorithm>

#include "filters/pii/checks.h"
#include "filters/pii/scan.h"

namespace penstock::pii {
namespace {

// Groups looked at in one go; a longer run (a table of numbers) is cut here and goes on as a new
// one.
constexpr size_t kGroupsMax = 24;
constexpr size_t kGapBytesMax = 2;  // between groups: " ", ") ", " ("
constexpr size_t kDigitsMax = 19;   // of the longest number, a card

struct Group {
  uint32_t begin;
  uint32_t size;
  char gap;  // before it: the separator when it is one byte, ')' when it closes, else 'x'
  uint8_t gap_size;
};

struct Groups {
  explicit Groups(Scan& s) : scan(s) {}
  Scan& scan;
  Group list[kGroupsMax];  // the first `count` of them
  size_t count = 0;

  size_t begin(size_t i) const { return list[i].begin; }
  size_t end(size_t i) const { return list[i].begin + list[i].size; }
  std::string_view digits(size_t i) const { return scan.text.substr(list[i].begin, list[i].size); }

  // The lengths of the groups from `i` on are these, and one separator is between all of them.
  bool shaped(size_t i, std::initializer_list<uint32_t> sizes) const {
    if (i + sizes.size() > count) return false;
    size_t at = i;
    for (const uint32_t size : sizes) {
      if (list[at].size != size) return false;
      if (at > i && (list[at].gap_size != 1 || list[at].gap != list[std::min(i + 1, at)].gap))
        return false;
      ++at;
    }
    return true;
  }
  // Digits of `n` groups from `i` on, without what is between; empty when too many.
  std::string_view joined(size_t i, size_t n, std::array<char, 40>& to) const {
    size_t size = 0;
    for (size_t k = i; k < i + n; ++k)
      for (const char c : digits(k)) {
        if (size == to.size()) return {};
        to[size++] = c;
      }
    return {to.data(), size};
  }
};

bool is_gap(char c) { return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/'; }

// Fills `groups` from the digit at `from`; returns where the run ends.
size_t parse_groups(Groups& groups, size_t from) {
  const std::string_view text = groups.scan.text;
  size_t at = from;
  // "%20" before a number is a space, and its 20 no part of the number.
  if (groups.scan.before(at) == '%' && is_hex(groups.scan.at(at + 1))) at += 2;
  Group next{static_cast<uint32_t>(at), 0, '\0', 0};
  while (true) {
    while (at < text.size() && is_digit(text[at])) ++at;
    next.size = static_cast<uint32_t>(at) - next.begin;
    if (next.size) groups.list[groups.count++] = next;
    size_t gap = at;
    while (gap < text.size() && gap - at < kGapBytesMax && is_gap(text[gap])) ++gap;
    if (gap == at || gap >= text.size() || !is_digit(text[gap])) return at;
    if (groups.count == kGroupsMax) return at;
    const bool one = gap - at == 1;
    next = {static_cast<uint32_t>(gap), 0, one || text[at] == ')' ? text[at] : 'x',
            static_cast<uint8_t>(gap - at)};
    at = gap;
  }
}

// Nothing sticks to the number on its left side. A group inside a run begins a number only after a
// space: 2026-11-19 and 1.2.3 hang together.
bool free_before(const Groups& groups, size_t i) {
  if (i > 0) {
    const Group& group = groups.list[i];
    return group.gap == ' ' || group.gap == 'x' || (group.gap == ')' && group.gap_size == 2);
  }
  const size_t begin = groups.begin(0);
  const char c = groups.scan.before(begin);
  if (c == '\0' || is_multibyte(c)) return true;
  if (begin >= 3 && groups.scan.text[begin - 3] == '%' && is_hex(c)) return true;  // %20, %3D
  if (is_alpha(c)) return begin >= 2 && groups.scan.text[begin - 2] == '\\';       // "\n4111"
  return !is_word(c) && c != '-' && c != '.' && c != '@' && c != '$' && c != '%';
}

bool free_after(const Groups& groups, size_t last) {
  const size_t end = groups.end(last);
  const char c = groups.scan.at(end);
  if (c == '\0' || is_multibyte(c)) return true;
  if (is_word(c) || c == '@' || (c == '%' && !is_hex(groups.scan.at(end + 1)))) return false;
  return !((c == '-' || c == '.') && is_alnum(groups.scan.at(end + 1)));
}

// The name right before the number ("order_id=", "ts: ") says that it counts or names something.
bool is_named_otherwise(const Scan& scan, size_t begin) {
  static constexpr std::string_view kEndings[] = {
      "id",     "ids",      "uid",   "gid",     "pid",      "ts",     "time",  "timestamp",
      "offset", "seq",      "hash",  "block",   "blk",      "size",   "bytes", "length",
      "len",    "duration", "nonce", "version", "build",    "trace",  "span",  "sequence",
      "epoch",  "isbn",     "imei",  "sku",     "tracking", "serial", "uuid",  "guid",
      "digest", "checksum", "count", "total",   "sum",      "thread"};
  size_t end = begin;
  for (size_t skipped = 0; end > 0 && skipped < 6 && !is_alnum(scan.text[end - 1]); ++skipped)
    --end;
  size_t from = end;
  while (from > 0 && end - from < 16 && is_alpha(scan.text[from - 1])) --from;
  const std::string_view name = scan.text.substr(from, end - from);
  for (const std::string_view ending : kEndings) {
    if (name.size() < ending.size() || !has_word_at(name, name.size() - ending.size(), ending))
      continue;
    // A whole word, or the tail of a camelCase one: not "paid" or "grid".
    const char before = name.size() > ending.size() ? name[name.size() - ending.size()] : 'A';
    if (name.size() == ending.size() || in_class(before, kUpper)) return true;
  }
  return false;
}

// Groups used, 0 when no card begins at `i`.
size_t card_at(Groups& groups, size_t i) {
  size_t n = 0;
  if (groups.list[i].size >= 12 && groups.list[i].size <= kDigitsMax)
    n = 1;
  else if (groups.list[i].size != 4)
    return 0;
  else if (groups.shaped(i, {4, 4, 4, 4, 3}))
    n = 5;
  else if (groups.shaped(i, {4, 4, 4, 4}))
    n = 4;
  else if (groups.shaped(i, {4, 6, 5}) || groups.shaped(i, {4, 6, 4}) ||
           groups.shaped(i, {4, 4, 5}))
    n = 3;
  if (n == 0 || !free_before(groups, i) || !free_after(groups, i + n - 1)) return 0;
  std::array<char, 40> buffer;
  const std::string_view digits = groups.joined(i, n, buffer);
  const Issuer issuer = card_issuer(digits);
  if (issuer == Issuer::none || !passes_luhn(digits)) return 0;
  const size_t begin = groups.begin(i);
  if (!groups.scan.near(Context::card, begin)) {
    // Without a word for it, only the usual lengths count, and no id, path or pause of a table.
    if (issuer == Issuer::weak && n < 4) return 0;
    if (n == 1 && (groups.scan.before(begin) == '/' || is_named_otherwise(groups.scan, begin)))
      return 0;
    if (n > 1 && n < 5 && i + n < groups.count && groups.list[i + n].gap == ' ' &&
        groups.list[i + 1].gap == ' ' && groups.list[i + n].size == 4 && i > 0)
      return 0;
  }
  groups.scan.add(begin, groups.end(i + n - 1), Entity::payment_card);
  return n;
}

size_t ssn_at(Groups& groups, size_t i) {
  const bool one = groups.list[i].size == 9;
  if (!one && !groups.shaped(i, {3, 2, 4})) return 0;
  const size_t n = one ? 1 : 3, begin = groups.begin(i);
  const bool dashed = n == 3 && groups.list[i + 1].gap == '-';
  if (n == 3 && !dashed && groups.list[i + 1].gap != ' ' && groups.list[i + 1].gap != '.') return 0;
  if (!free_before(groups, i) || !free_after(groups, i + n - 1)) return 0;
  if (groups.scan.before(begin) == '/' || groups.scan.before(begin) == '+') return 0;
  std::array<char, 40> buffer;
  const std::string_view digits = groups.joined(i, n, buffer);
  const bool ssn = groups.scan.near(Context::ssn, begin),
             itin = groups.scan.near(Context::itin, begin);
  Entity entity = Entity::us_ssn;
  if (is_itin(digits) && (ssn || itin))
    entity = Entity::us_itin;
  else if (!is_ssn(digits) || !(dashed || ssn))
    return 0;
  if (!groups.scan.wants(entity)) return 0;
  groups.scan.add(begin, groups.end(i + n - 1), entity);
  return n;
}

bool near_phone(const Scan& scan, size_t begin) {
  return scan.near(Context::phone, begin) || scan.near(Context::call, begin);
}

// "+44 (0)20 7946 0958": as many groups as the country's plan has digits for.
size_t international_at(Groups& groups, size_t i) {
  Scan& scan = groups.scan;
  size_t begin = groups.begin(i), skip = 0;
  const char c = scan.before(begin);
  if (c == '+')
    begin -= 1;
  else if (begin >= 3 && has_word_at(scan.text, begin - 3, "%2b"))
    begin -= 3;
  else if (groups.digits(i).starts_with("00") && groups.list[i].size > 2 &&
           near_phone(scan, begin) && free_before(groups, i))
    skip = 2;
  else
    return 0;
  const char left = scan.before(begin);
  if (!skip && (is_word(left) || left == '+' || left == '-' || left == '.')) return 0;
  std::array<char, 40> buffer;
  const PhoneLength plan = phone_length(groups.digits(i).substr(skip));
  // The code may be split from the country's number, never from itself.
  if (plan.max == 0) return 0;
  for (size_t n = std::min(groups.count - i, size_t{7}); n > 0; --n) {
    const std::string_view digits = groups.joined(i, n, buffer);
    const bool trunk_zero = n > 1 && groups.list[i + 1].size &&
                            scan.text[groups.begin(i + 1) - 1] == '(' &&
                            groups.digits(i + 1) == "0";
    const size_t size = digits.size() - skip - (trunk_zero ? 1 : 0);
    if (digits.empty() || size < plan.min || size > plan.max || !free_after(groups, i + n - 1))
      continue;
    if (digits[skip] == '1' && (digits.size() < skip + 2 || digits[skip + 1] < '2')) continue;
    scan.add(begin, groups.end(i + n - 1), Entity::phone);
    return n;
  }
  return 0;
}

// "(415) 555-2671", "415-555-2671", "1-415-555-2671"; with dots or spaces only after a word for it.
size_t north_american_at(Groups& groups, size_t i) {
  Scan& scan = groups.scan;
  const size_t lead = groups.digits(i) == "1" && i + 1 < groups.count ? 1 : 0;
  const size_t area = i + lead;
  if (area + 3 > groups.count || groups.list[area].size != 3 || groups.list[area + 1].size != 3 ||
      groups.list[area + 2].size != 4 || groups.digits(area)[0] < '2')
    return 0;
  size_t begin = groups.begin(i);
  const Group &second = groups.list[area + 1], &third = groups.list[area + 2];
  const bool open = scan.before(groups.begin(area)) == '(' && second.gap == ')';
  if (open && !lead) {
    begin -= 1;
    const char left = scan.before(begin);
    if (is_word(left) || left == ')') return 0;
    if (third.gap_size != 1 || third.gap == '(' || third.gap == ')' || third.gap == '/') return 0;
  } else if (!free_before(groups, i) || scan.before(begin) == '/') {
    return 0;
  }
  if (!free_after(groups, area + 2)) return 0;
  const bool alike = second.gap_size == 1 && third.gap_size == 1 && second.gap == third.gap;
  const bool strong = open || (alike && second.gap == '-');
  if (!strong &&
      !((alike && (second.gap == '.' || second.gap == ' ')) && scan.near(Context::phone, begin)))
    return 0;
  scan.add(begin, groups.end(area + 2), Entity::phone);
  return lead + 3;
}

// "1.2.3.4": an address, whatever word stands before it.
bool is_quad_like(const Groups& groups, size_t i) {
  if (i + 3 >= groups.count) return false;
  for (size_t k = i; k < i + 4; ++k)
    if (groups.list[k].size > 3 || (k > i && groups.list[k].gap != '.')) return false;
  return true;
}

bool is_date_like(const Groups& groups, size_t i) {
  if (i + 2 >= groups.count) return false;
  return groups.shaped(i, {4, 2, 2}) || groups.shaped(i, {2, 2, 4});
}

// Any other national form, after a word for it: 10 to 13 digits, or groups that begin with 0.
size_t national_at(Groups& groups, size_t i) {
  Scan& scan = groups.scan;
  const size_t begin = groups.begin(i);
  if (!near_phone(scan, begin) || !free_before(groups, i)) return 0;
  if (scan.before(begin) == '/' || is_date_like(groups, i) || is_quad_like(groups, i)) return 0;
  const bool zero = groups.digits(i)[0] == '0';
  if (groups.list[i].size >= 7) {
    const size_t size = groups.list[i].size;
    const bool epoch = groups.digits(i)[0] == '1' && (size == 10 || size == 13);
    if (size > 13 || size < 9 || epoch || !free_after(groups, i)) return 0;
    if (groups.digits(i).starts_with("000")) return 0;
    if (is_named_otherwise(scan, begin)) return 0;
    // "call 123456789 returned": a weak word needs a full number.
    const std::string_view digits = groups.digits(i);
    const bool full = size == 10 && (zero || (digits[0] > '1' && digits[3] > '1'));
    if (!full && !(size == 11 && zero) && !scan.near(Context::phone, begin)) return 0;
    scan.add(begin, groups.end(i), Entity::phone);
    return 1;
  }
  size_t best = 0, digits = 0;
  for (size_t n = 1; i + n <= groups.count && n <= 6; ++n) {
    const Group& group = groups.list[i + n - 1];
    if (n > 1 && (group.gap == '.' && groups.list[i + 1].gap != '.')) break;
    digits += group.size;
    if (digits > (zero ? 11U : 12U)) break;
    // Two numbers in a row are common ("200 4174"); a phone's two groups have a dash or a zero.
    const bool shaped = zero || n > 2 || group.gap == '-';
    if (n > 1 && shaped && digits >= (n > 2 ? 9U : 7U) && free_after(groups, i + n - 1)) best = n;
  }
  // "attempt 3 of 10" never gets here, but 7 digits in single ones would.
  if (best == 0 || groups.list[i].size < 2) return 0;
  scan.add(begin, groups.end(i + best - 1), Entity::phone);
  return best;
}

size_t phone_at(Groups& groups, size_t i) {
  if (const size_t n = international_at(groups, i)) return n;
  if (const size_t n = north_american_at(groups, i)) return n;
  return national_at(groups, i);
}

// "Chrome/126.0.0.0", "version 1.2.3.4": a product's version has an address's shape.
bool is_version(const Scan& scan, size_t begin) {
  const char c = scan.before(begin);
  size_t end = begin;
  if (c == '/') {
    end -= 1;
    size_t from = end;
    while (from > 0 && is_alpha(scan.text[from - 1])) --from;
    const std::string_view word = scan.text.substr(from, end - from);
    const char before = scan.before(from);
    return word.size() > 1 && word[0] >= 'A' && word[0] <= 'Z' && before != '.' && before != '-' &&
           before != '/';
  }
  for (size_t skipped = 0; end > 0 && skipped < 3 && !is_alnum(scan.text[end - 1]); ++skipped)
    --end;
  size_t from = end;
  while (from > 0 && end - from < 12 && is_alpha(scan.text[from - 1])) --from;
  const std::string_view word = scan.text.substr(from, end - from);
  static constexpr std::string_view kWords[] = {"version",  "ver",      "v",       "release",
                                                "build",    "firmware", "driver",  "rev",
                                                "revision", "patch",    "upgrade", "software"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](std::string_view w) { return same_ignoring_case(word, w); });
}

size_t ipv4_at(Groups& groups, size_t i) {
  if (i + 4 > groups.count) return 0;
  for (size_t k = i; k < i + 4; ++k) {
    const std::string_view octet = groups.digits(k);
    if (octet.size() > 3 || (octet.size() > 1 && octet[0] == '0')) return 0;
    if (octet.size() == 3 && (octet[0] > '2' || octet > "255")) return 0;
    if (k > i && (groups.list[k].gap != '.' || groups.list[k].gap_size != 1)) return 0;
  }
  if (i > 0 && (groups.list[i].gap == '.' || groups.list[i].gap == '-')) return 0;
  if (i + 4 < groups.count && groups.list[i + 4].gap == '.') return 0;
  const size_t begin = groups.begin(i), end = groups.end(i + 3);
  const char before = groups.scan.before(begin), after = groups.scan.at(end);
  if (i == 0 && (is_word(before) || before == '.' || before == '~')) return 0;
  if (i == 0 && before == '-' && is_alnum(groups.scan.before(begin - 1))) return 0;
  if (is_word(after) || ((after == '.' || after == '-') && is_alnum(groups.scan.at(end + 1))))
    return 0;
  if (is_version(groups.scan, begin)) return 0;
  groups.scan.add(begin, end, Entity::ip_address);
  return 4;
}

}  // namespace

void find_numbers(Scan& scan, size_t digit) {
  if (digit < scan.numbers_until) return;
  Groups groups(scan);
  scan.numbers_until = std::max(parse_groups(groups, digit), digit + 1);
  constexpr EntitySet kSocial = bit(Entity::us_ssn) | bit(Entity::us_itin);
  for (size_t i = 0; i < groups.count;) {
    size_t used = 0;
    if (groups.begin(i) >= scan.skip_until) {
      if (scan.at(groups.end(i)) == ':' && groups.list[i].size >= 8 &&
          scan.wants(Entity::api_key) && free_before(groups, i) &&
          find_bot_token(scan, groups.begin(i), groups.end(i)))
        used = 1;
      if (!used && scan.wants(Entity::payment_card)) used = card_at(groups, i);
      if (!used && scan.wanted & kSocial) used = ssn_at(groups, i);
      if (!used && scan.wants(Entity::phone)) used = phone_at(groups, i);
      if (!used && scan.wants(Entity::ip_address)) used = ipv4_at(groups, i);
    }
    i += std::max(used, size_t{1});
  }
}

}  // namespace penstock::pii
