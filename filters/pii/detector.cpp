// IMPLEMENTATION. Three byte maps (the block before, this one, the next) give every shift its
// neighbour, so no pattern is lost at a block's edge. From them come the anchors, sets of places
// where something may be. They are visited in ascending order, so that the context words before a
// number have been seen when the number comes up.
//
// Words (78 of them and 95 vendors' prefixes) were first looked for with a shuffle-based literal
// matcher; with that many literals a third of all places passed it. Testing each word's first
// three letters against a bitmap of 4,096 bits passes about one word in twenty, and a 540-byte
// event has about eighty words.
#include "filters/pii/detector.h"

#include <bit>
#include <cstring>

#include "filters/pii/byte_map.h"
#include "filters/pii/words.h"

namespace penstock::pii {
namespace {

constexpr size_t kBlock = 64;

// `now` moved up by `n` places, the tail of `before` moved in; and down.
uint64_t up(uint64_t before, uint64_t now, unsigned n) { return now << n | before >> (kBlock - n); }
uint64_t down(uint64_t now, uint64_t after, unsigned n) { return now >> n | after << (kBlock - n); }

ByteMap load(std::string_view text, size_t base) {
  if (base >= text.size()) return {};
  if (base + kBlock <= text.size()) return map_bytes(text.data() + base);
  alignas(16) char padded[kBlock] = {};
  std::memcpy(padded, text.data() + base, text.size() - base);
  return map_bytes(padded);
}

// At least seven digits (an address: four and three dots) in the run of groups that begins at bit
// `at`. Clearing bits beats counting them where there is no instruction for it.
bool has_number(const ByteMap& now, const ByteMap& next, unsigned at, bool addresses,
                unsigned& run) {
  const auto window = [&](uint64_t a, uint64_t b) { return at ? down(a, b, at) : a; };
  const uint64_t digits = window(now.digit, next.digit);
  const uint64_t groups =
      digits | window(now.dash | now.dot | now.gap, next.dash | next.dot | next.gap);
  run = static_cast<unsigned>(std::countr_one(groups));
  const uint64_t inside = run >= kBlock ? ~uint64_t{0} : (uint64_t{1} << run) - 1;
  uint64_t left = digits & inside;
  for (int i = 0; i < 6; ++i) left &= left - 1;
  if (left) return true;
  if (!addresses) return false;
  uint64_t dots = window(now.dot, next.dot) & inside;
  dots &= dots - 1;
  dots &= dots - 1;
  return dots != 0;
}

struct Anchors {
  uint64_t words = 0, numbers = 0, at = 0, escapes = 0, keys = 0, placeholders = 0;
  uint64_t mac_colons = 0, mac_dashes = 0, mac_dots = 0, ipv6 = 0, iban = 0;
  uint64_t all() const {
    return words | numbers | at | escapes | keys | placeholders | mac_colons | mac_dashes |
           mac_dots | ipv6 | iban;
  }
};

class Pass {
 public:
  explicit Pass(Scan& scan) : scan_(scan) {}

  void run() {
    const std::string_view text = scan_.text;
    ByteMap before, now = load(text, 0);
    for (size_t base = 0; base < text.size(); base += kBlock) {
      const ByteMap next = load(text, base + kBlock);
      visit(base, anchors(base, before, now, next));
      if (scan_.out.size() - scan_.first >= kFindingsMax) return give_up(base + kBlock);
      before = now;
      now = next;
    }
  }

 private:
  Anchors anchors(size_t base, const ByteMap& before, const ByteMap& now, const ByteMap& next) {
    Anchors out;
    out.at = now.at;
    out.placeholders = now.bracket;
    out.escapes = now.percent & down(now.digit, next.digit, 1);
    const uint64_t letter = now.upper | now.lower, letter_before = before.upper | before.lower;
    const uint64_t named = letter | now.quote | now.digit;
    // A colon after a digit is a time's; after a letter, quote or space it may end a name.
    const uint64_t colons = now.colon & (up(letter_before | before.quote | before.gap,
                                            letter | now.quote | now.gap, 1));
    out.keys = (now.equals & (up(letter_before | before.quote | before.digit | before.gap,
                                 named | now.gap, 1))) |
               colons;
    words(base, before, now, letter, letter_before, out);
    numbers(base, before, now, next, out);
    strides(before, now, out);
    return out;
  }

  void words(size_t base, const ByteMap& before, const ByteMap& now, uint64_t letter,
             uint64_t letter_before, Anchors& out) {
    uint64_t starts = letter & ~up(letter_before | before.digit, letter | now.digit, 1);
    starts |= now.upper & up(before.lower, now.lower, 1);
    const size_t last =
        scan_.text.size() < 3 ? 0 : scan_.text.size() - 2;  // three bytes fit before it
    for (; starts; starts &= starts - 1) {
      const auto at = static_cast<unsigned>(std::countr_zero(starts));
      if (base + at >= last) return;
      if (may_begin_known_word(scan_.text.data() + base + at)) out.words |= uint64_t{1} << at;
    }
  }

  void numbers(size_t base, const ByteMap& before, const ByteMap& now, const ByteMap& next,
               Anchors& out) {
    const bool addresses = scan_.wants(Entity::ip_address);
    uint64_t starts = now.digit & ~up(before.digit, now.digit, 1);
    for (; starts; starts &= starts - 1) {
      const auto at = static_cast<unsigned>(std::countr_zero(starts));
      // All groups of a run that may hold a number are anchors: the scanner may stop early, at a
      // wide gap, and skips those that it has seen.
      if (base + at >= covered_) {
        unsigned run = 0;
        numeric_ = has_number(now, next, at, addresses, run);
        covered_ = base + at + run;
      }
      if (numeric_) out.numbers |= uint64_t{1} << at;
    }
  }

  // Separators at even distances, seen from the last one on.
  void strides(const ByteMap& before, const ByteMap& now, Anchors& out) {
    const auto five = [](uint64_t old, uint64_t s) {
      return s & up(old, s, 3) & up(old, s, 6) & up(old, s, 9) & up(old, s, 12);
    };
    if (scan_.wants(Entity::mac_address)) {
      if (now.colon) out.mac_colons = five(before.colon, now.colon);
      if (now.dash) out.mac_dashes = five(before.dash, now.dash);
      out.mac_dots = now.dot & up(before.dot, now.dot, 5);
    }
    if (scan_.wants(Entity::ip_address)) out.ipv6 = now.colon;
    if (scan_.wants(Entity::iban)) {
      const uint64_t letter = now.upper | now.lower, old = before.upper | before.lower;
      out.iban =
          now.digit & up(before.digit, now.digit, 1) & up(old, letter, 2) & up(old, letter, 3);
    }
  }

  void visit(size_t base, const Anchors& anchors) {
    for (uint64_t left = anchors.all(); left; left &= left - 1) {
      const uint64_t one = left & (~left + 1);
      const size_t at = base + static_cast<size_t>(std::countr_zero(left));
      if (at < scan_.skip_until) continue;
      if (anchors.words & one) look_at_word(scan_, at);
      if (anchors.numbers & one) find_numbers(scan_, at);
      if (anchors.keys & one) find_key_value(scan_, at, 1);
      if ((anchors.at | anchors.escapes | anchors.placeholders) & one) visit_rare(at, anchors, one);
      if ((anchors.mac_colons | anchors.mac_dashes | anchors.mac_dots | anchors.ipv6 |
           anchors.iban) &
          one)
        visit_addresses(at, anchors, one);
    }
  }

  void visit_rare(size_t at, const Anchors& anchors, uint64_t one) {
    if (anchors.at & one) {
      if (scan_.wants(Entity::password)) find_url_credentials(scan_, at);
      if (scan_.wants(Entity::email) && at >= scan_.skip_until) find_email(scan_, at, 1);
    } else if (anchors.escapes & one) {
      const std::string_view text = scan_.text;
      if (scan_.wants(Entity::email) && has_word_at(text, at, "%40")) find_email(scan_, at, 3);
      if (has_word_at(text, at, "%3d") || has_word_at(text, at, "%3a"))
        find_key_value(scan_, at, 3);
      if (has_word_at(text, at, "%2b") && is_digit(scan_.at(at + 3))) find_numbers(scan_, at + 3);
    } else {
      Entity entity{};
      if (const size_t end = placeholder_end(scan_.text, at, entity)) scan_.barrier(end, entity);
    }
  }

  void visit_addresses(size_t at, const Anchors& anchors, uint64_t one) {
    constexpr size_t kFifthColon = 14, kSecondDot = 9, kFourthByte = 3;
    if (anchors.mac_colons & one && at >= kFifthColon) find_mac(scan_, at - kFifthColon, ':');
    if (anchors.mac_dashes & one && at >= kFifthColon) find_mac(scan_, at - kFifthColon, '-');
    if (anchors.mac_dots & one && at >= kSecondDot) find_cisco_mac(scan_, at - kSecondDot);
    if (anchors.ipv6 & one && at >= scan_.skip_until) find_ipv6(scan_, at);
    if (anchors.iban & one && at >= kFourthByte) find_iban(scan_, at - kFourthByte);
  }

  // Text that wasn't looked at is masked as a whole.
  void give_up(size_t from) {
    const size_t begin = std::max<size_t>(scan_.skip_until, std::min(from, scan_.text.size()));
    size_t end = begin;
    while (end > 0 && end < scan_.text.size() && is_multibyte(scan_.text[end]) &&
           (static_cast<uint8_t>(scan_.text[end]) & 0xC0) == 0x80)
      --end;
    if (end < scan_.text.size()) scan_.add(end, scan_.text.size(), Entity::password);
  }

  Scan& scan_;
  size_t covered_ = 0;    // digits before it were judged
  bool numeric_ = false;  // how
};

}  // namespace

void find_all(std::string_view text, EntitySet wanted, ContextSet given,
              std::vector<Finding>& out) {
  constexpr size_t kShortest = 3;  // "::1"
  if (text.size() < kShortest || wanted == 0) return;
  Scan scan{text, wanted, out, out.size(), given};
  Pass(scan).run();
}

}  // namespace penstock::pii
