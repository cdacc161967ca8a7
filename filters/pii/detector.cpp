// IMPLEMENTATION. Three byte maps (the block before, this one, the next) give every shift its
// neighbour, so no pattern is lost at a block's edge. From them come the anchors, sets of places
// where something may be. They are visited in ascending order, so that the context words before a
// number have been seen when the number comes up.
//
// Words (80 of them and 95 vendors' prefixes) were first looked for with a shuffle-based literal
// matcher; with that many literals a third of all places passed it. Testing each word's first
// three letters against a bitmap of 4,096 bits passes about one word in twenty, and a 540-byte
// event has about eighty words.
#include "filters/pii/detector.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "filters/pii/byte_map.h"
#include "filters/pii/words.h"

namespace penstock::pii {
namespace {

constexpr size_t kBlock = 64;
constexpr size_t kWordBytes = 4;  // read at once by the test of a word's first three letters

// `now` moved up by `n` places with the tail of `before` moved in; and down. 0 < n < 64.
inline uint64_t up(uint64_t before, uint64_t now, unsigned n) {
  return now << n | before >> (kBlock - n);
}
inline uint64_t down(uint64_t now, uint64_t after, unsigned n) {
  return now >> n | after << (kBlock - n);
}

// Clearing bits beats counting them where there is no instruction for it. Unrolled by hand: it runs
// for every run of digits.
inline uint64_t without_lowest_six(uint64_t bits) {
  bits &= bits - 1;
  bits &= bits - 1;
  bits &= bits - 1;
  bits &= bits - 1;
  bits &= bits - 1;
  return bits & (bits - 1);
}

// Whether enough digits are in the run of groups that begins at bit `at`: nine, or seven where
// `few` will do (after a word for a phone), or an address's four and three dots.
inline bool has_number(const ByteMap& now, const ByteMap& next, unsigned at, bool few,
                       bool addresses, unsigned& run) {
  const auto window = [&](uint64_t a, uint64_t b) { return at ? down(a, b, at) : a; };
  const uint64_t digits = window(now.digit, next.digit);
  const uint64_t groups =
      digits | window(now.dash | now.dot | now.gap, next.dash | next.dot | next.gap);
  run = static_cast<unsigned>(std::countr_one(groups));
  const uint64_t inside = run >= kBlock ? ~uint64_t{0} : (uint64_t{1} << run) - 1;
  uint64_t left = without_lowest_six(digits & inside);
  if (!few) {
    left &= left - 1;
    left &= left - 1;
  }
  if (left) return true;
  if (!addresses) return false;
  uint64_t dots = window(now.dot, next.dot) & inside;
  dots &= dots - 1;
  dots &= dots - 1;
  return dots != 0;
}

struct Anchors {
  uint64_t words = 0, numbers = 0, rare = 0, keys = 0;
  uint64_t mac_colons = 0, mac_dashes = 0, mac_dots = 0, ipv6 = 0, iban = 0;
  uint64_t addresses() const { return mac_colons | mac_dashes | mac_dots | ipv6 | iban; }
};

// Out of line: nearly all blocks have no anchor, and the loop over them stays small.
class Visitor {
 public:
  explicit Visitor(Scan& scan) : scan_(scan) {}

  __attribute__((noinline)) void visit(size_t base, const Anchors& anchors) {
    uint64_t left =
        anchors.words | anchors.numbers | anchors.rare | anchors.keys | anchors.addresses();
    for (; left; left &= left - 1) {
      const uint64_t one = left & (~left + 1);
      const size_t at = base + static_cast<size_t>(std::countr_zero(left));
      if (at < scan_.skip_until) continue;
      if (anchors.words & one) look_at_word(scan_, at);
      if (anchors.numbers & one) find_numbers(scan_, at);
      if (anchors.keys & one) find_key_value(scan_, at, 1);
      if (anchors.rare & one) visit_rare(at);
      if (anchors.addresses() & one) visit_addresses(at, anchors, one);
    }
  }

 private:
  void visit_rare(size_t at) {
    const std::string_view text = scan_.text;
    if (text[at] == '@') {
      if (scan_.wants(Entity::password)) find_url_credentials(scan_, at);
      if (scan_.wants(Entity::email) && at >= scan_.skip_until) find_email(scan_, at, 1);
    } else if (text[at] == '~') {
      if (scan_.wants(Entity::api_key)) find_azure_secret(scan_, at);
    } else if (text[at] == '[') {
      Entity entity{};
      if (const size_t end = placeholder_end(text, at, entity)) scan_.barrier(end, entity);
    } else if (is_digit(scan_.at(at + 1)) && is_hex(scan_.at(at + 2))) {
      if (scan_.wants(Entity::email) && has_word_at(text, at, "%40")) find_email(scan_, at, 3);
      if (has_word_at(text, at, "%3d") || has_word_at(text, at, "%3a"))
        find_key_value(scan_, at, 3);
      // "%3D4111...", "%2B1415...": the escape's letter hides the number's beginning.
      if (is_alpha(text[at + 2]) && is_digit(scan_.at(at + 3)) && at + 3 >= scan_.skip_until)
        find_numbers(scan_, at + 3);
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

  Scan& scan_;
};

template <class Bytes>
class Pass {
 public:
  explicit Pass(Scan& scan)
      : scan_(scan),
        addresses_(scan.wants(Entity::ip_address)),
        macs_(scan.wants(Entity::mac_address)),
        ibans_(scan.wants(Entity::iban)) {}

  void run() {
    const size_t size = scan_.text.size();
    ByteMap now = load(0);
    if (size <= kBlock) {
      constexpr ByteMap kNothing{};  // its shifts fold away
      visit(0, anchors(0, bytes_, kNothing, now, kNothing));
      return;
    }
    ByteMap before, next;
    for (size_t base = 0; base < size; base += kBlock) {
      const char* const bytes = bytes_;  // of `now`; load() moves on
      const bool last = base + kBlock >= size;
      next = last ? ByteMap{} : load(base + kBlock);
      visit(base, anchors(base, bytes, before, now, next));
      if (scan_.out.size() - scan_.first >= kFindingsMax) return give_up(base + kBlock);
      before = now;
      now = next;
    }
  }

 private:
  // Maps the block at `base`; a last, partial one from a copy that is padded with zeros.
  ByteMap load(size_t base) {
    const size_t left = scan_.text.size() - base;
    bytes_ = scan_.text.data() + base;
    if (left < kBlock + kWordBytes) {
      char* const copy = copies_[base / kBlock % 2];
      std::memset(copy, 0, kBlock + kWordBytes);
      std::memcpy(copy, bytes_, std::min(left, kBlock + kWordBytes));
      bytes_ = copy;
    }
    return Bytes::map(bytes_);
  }

  void visit(size_t base, const Anchors& found) {
    words_seen_ |= found.words;
    if (found.words | found.numbers | found.rare | found.keys | found.addresses())
      Visitor(scan_).visit(base, found);
  }

  Anchors anchors(size_t base, const char* bytes, const ByteMap& before, const ByteMap& now,
                  const ByteMap& next) {
    Anchors out;
    out.rare = now.rare;
    // A colon after a digit is a time's.
    out.keys = now.equals | (now.colon & ~up(before.digit, now.digit, 1));
    uint64_t starts = now.letter & ~up(before.letter | before.digit, now.letter | now.digit, 1);
    starts |= now.upper & up(before.letter & ~before.upper, now.letter & ~now.upper, 1);
    for (; starts; starts &= starts - 1) {
      const auto at = static_cast<unsigned>(std::countr_zero(starts));
      out.words |= static_cast<uint64_t>(may_begin_known_word(bytes + at)) << at;
    }
    numbers(base, before, now, next, out);
    // Separators at even distances, seen from the last one on.
    const auto five = [](uint64_t old, uint64_t s) {
      return s & up(old, s, 3) & up(old, s, 6) & up(old, s, 9) & up(old, s, 12);
    };
    if (macs_) {
      out.mac_colons = five(before.colon, now.colon);
      out.mac_dashes = five(before.dash, now.dash);
      out.mac_dots = now.dot & up(before.dot, now.dot, 5);
    }
    if (addresses_) out.ipv6 = now.colon;
    if (ibans_)
      out.iban = now.digit & up(before.digit, now.digit, 1) & up(before.letter, now.letter, 2) &
                 up(before.letter, now.letter, 3);
    return out;
  }

  void numbers(size_t base, const ByteMap& before, const ByteMap& now, const ByteMap& next,
               Anchors& out) {
    const bool few = (scan_.given | words_seen_ | out.words) != 0;
    uint64_t starts = now.digit & ~up(before.digit | before.letter, now.digit | now.letter, 1);
    for (; starts; starts &= starts - 1) {
      const auto at = static_cast<unsigned>(std::countr_zero(starts));
      // All groups of a run that may hold a number are anchors: the scanner may stop early, at a
      // wide gap, and skips those that it has seen.
      if (base + at >= covered_) {
        unsigned run = 0;
        numeric_ = has_number(now, next, at, few, addresses_, run);
        covered_ = base + at + run;
      }
      if (numeric_) out.numbers |= uint64_t{1} << at;
    }
  }

  // Text that wasn't looked at is masked as a whole.
  void give_up(size_t from) {
    const std::string_view text = scan_.text;
    size_t begin = std::max(scan_.skip_until, std::min(from, text.size()));
    while (begin > 0 && begin < text.size() && (static_cast<uint8_t>(text[begin]) & 0xC0) == 0x80)
      --begin;
    if (begin < text.size()) scan_.add(begin, text.size(), Entity::password);
  }

  Scan& scan_;
  const bool addresses_, macs_, ibans_;
  const char* bytes_ = nullptr;
  uint64_t words_seen_ = 0;  // not 0: some
  size_t covered_ = 0;       // digits before it were judged
  bool numeric_ = false;     // how
  alignas(32) char copies_[2][kBlock + kWordBytes + 28];
};

void run_portable(Scan& scan) {
#ifdef __SSE2__
  Pass<Sse2Bytes>(scan).run();
#else
  Pass<PlainBytes>(scan).run();
#endif
}

#ifdef __SSE2__
// `flatten` compiles the whole pass for this instruction set.
__attribute__((target("avx2,bmi,bmi2"), flatten)) void run_avx2(Scan& scan) {
  Pass<Avx2Bytes>(scan).run();
}
#endif

// Levels, methods, names: a short text of letters needs no closer look.
constexpr size_t kShortestKey = 16;  // what is recognized by its letters alone is longer
bool has_anchor_byte(std::string_view text) {
  uint8_t classes = 0;
  for (const char c : text) classes |= kClasses[static_cast<uint8_t>(c)];
  return (classes & (kDigit | kAnchor)) != 0;
}

// The ids and times that most events have: "2026-11-19T06:00:01.617Z", and 8-4-4-4-12 hexadecimal
// digits of a UUID.
bool is_time(std::string_view text) {
  constexpr size_t kLongest = 35;  // nanoseconds and a zone
  if (text.size() < 19 || text.size() > kLongest || text[4] != '-' || text[7] != '-' ||
      text[10] != 'T' || text[13] != ':' || text[16] != ':')
    return false;
  const auto fits = [](char c) {
    return is_digit(c) || c == '.' || c == ':' || c == '-' || c == '+';
  };
  return std::all_of(text.begin() + 11, text.end() - 1, fits) &&
         (fits(text.back()) || text.back() == 'Z') &&
         std::all_of(text.begin(), text.begin() + 10,
                     [](char c) { return is_digit(c) || c == '-'; });
}
bool is_uuid(std::string_view text) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
    return false;
  return std::count_if(text.begin(), text.end(), is_hex) == 32;
}

using Run = void (*)(Scan&);
Run best_run() {
#ifdef __SSE2__
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) return run_avx2;
#endif
  return run_portable;
}

}  // namespace

bool is_time_or_uuid(std::string_view text) { return is_uuid(text) || is_time(text); }

void find_all(std::string_view text, EntitySet wanted, ContextSet given,
              std::vector<Finding>& out) {
  static const Run kRun = best_run();
  constexpr size_t kShortest = 3, kShortestEmail = 6;  // "::1", "a@b.cd"
  if (text.size() < kShortestEmail && !(wanted & bit(Entity::ip_address))) return;
  if (text.size() < kShortest || wanted == 0) return;
  if (text.size() < kShortestKey && !has_anchor_byte(text)) return;
  if (given == 0 && is_plain_id(text)) return;
  Scan scan{text, wanted, out, out.size(), given};
  kRun(scan);
}

}  // namespace penstock::pii
