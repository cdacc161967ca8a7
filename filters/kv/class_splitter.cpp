// The expression of splitter.h by hand. The greedy way through it is nearly always its way, and
// costs a table look-up per byte. Backtracking changes the outcome only around escapes: after "\"
// both `\\.` (two letters) and `[^...]` (the backslash alone) fit, and the second way may end at a
// place that the first jumps over. So a greedy try that fails and met a backslash before a stop or
// another backslash is repeated by last_choice(), which finds what a backtracking matcher would
// find, in linear time.
#include <algorithm>
#include <array>

#include "filters/kv/splitter.h"
#include "filters/kv/stop_scanner.h"
#include "filters/support/char_class.h"

namespace penstock::kv {
namespace {

constexpr uint8_t kSplit = 1;    // in V
constexpr uint8_t kField = 2;    // in F
constexpr uint8_t kKeyStop = 4;  // in VF
constexpr uint8_t kEscape = 8;   // the backslash

constexpr size_t kNone = std::string_view::npos;

// Looks at bytes that a text may cost, for each of its bytes: texts that make scans fail again and
// again ("a=( a=( ...") end here.
constexpr size_t kEffortPerByte = 500;
constexpr size_t kEffortMin = 100'000;

bool begins_escape(std::string_view text, size_t at) {
  return text[at] == '\\' && at + 1 < text.size() && text[at + 1] != '\n';
}

class ClassSplitter : public Splitter {
 public:
  ClassSplitter(const CharClass& split, const CharClass& field, const CharClass& key_stop,
                const SplitOptions& options)
      : brackets_(options.include_brackets), lenient_(options.lenient) {
    for (size_t i = 0; i < kinds_.size(); ++i) {
      const char c = static_cast<char>(i);
      kinds_[i] =
          static_cast<uint8_t>((split.contains(c) ? kSplit : 0) | (field.contains(c) ? kField : 0) |
                               (key_stop.contains(c) ? kKeyStop : 0) | (c == '\\' ? kEscape : 0));
    }
    scanner_.emplace(kinds_, kKeyStop | kEscape, kField | kEscape);
    size_t splits = 0;
    for (size_t i = 0; i < kinds_.size(); ++i)
      if (kinds_[i] & kSplit && ++splits == 1) only_split_ = static_cast<char>(i);
    if (splits != 1) only_split_ = 0;
  }

  void renew(size_t bytes) override { effort_ = kEffortMin + kEffortPerByte * bytes; }

  bool has_split(std::string_view text) override {
    scanner_->forget();
    if (only_split_) return text.find(only_split_) != text.npos;
    for (const char c : text)
      if (kind(c) & kSplit) return true;
    return false;
  }

  Outcome next(std::string_view text, size_t& at, Pair& pair) override {
    while (at < text.size()) {
      const size_t begin = at;
      bool irregular = false;
      size_t end = scan(text, begin, kKeyStop, StopScanner::first, irregular);
      if (end == begin) {
        at = begin + 1;
        continue;
      }
      size_t value = end < text.size() ? after_split(text, end) : kNone;
      if (value == kNone && irregular) {
        end = last_choice(text, begin, kKeyStop, false,
                          [&](size_t place) { return after_split(text, place) != kNone; });
        value = end == kNone ? kNone : after_split(text, end);
        if (value == kNone) end = begin;  // another start may read the escapes in another way
      }
      if (effort_ == 0) return Outcome::limit;
      if (value == kNone) {
        at = end + 1;
        continue;
      }
      pair.key = text.substr(begin, end - begin);
      pair.value = take_value(text, value);
      at = value;
      return effort_ == 0 ? Outcome::limit : Outcome::pair;
    }
    return Outcome::end;
  }

 private:
  uint8_t kind(char c) const { return kinds_[static_cast<unsigned char>(c)]; }

  // The end of a greedy run of escapes and letters that aren't `stop`, whose set is `set`.
  // `irregular`: an escape hid a stop or a backslash.
  size_t scan(std::string_view text, size_t at, uint8_t stop, StopScanner::Set set,
              bool& irregular) {
    while ((at = scanner_->next(set, text, at)) < text.size()) {
      if (begins_escape(text, at)) {
        irregular |= (kind(text[at + 1]) & (stop | kEscape)) != 0;
        at += 2;
      } else if (kind(text[at]) & stop) {
        break;
      } else {
        ++at;
      }
    }
    return at;
  }

  // Where the value begins when a key ends at `at`.
  size_t after_split(std::string_view text, size_t at) const {
    size_t place = at;
    if (lenient_)
      while (place < text.size() && text[place] == ' ') ++place;
    if (place < text.size() && kind(text[place]) & kSplit)
      ++place;
    else if (!(place > at && kind(' ') & kSplit))
      return kNone;
    if (lenient_)
      while (place < text.size() && text[place] == ' ') ++place;
    return place;
  }

  bool ends_pair(std::string_view text, size_t at) const {
    return at == text.size() || kind(text[at]) & kField || text[at] == '\n';
  }

  // The value that begins at `at`, which moves behind the pair.
  std::string_view take_value(std::string_view text, size_t& at) {
    const size_t begin = at;
    size_t first = begin, end = kNone;
    if (begin < text.size()) end = quoted_end(text, begin);
    if (end != kNone) {
      first = begin + 1;
      at = end + 1;
    } else {
      bool irregular = false;
      end = scan(text, begin, kField, StopScanner::second, irregular);
      at = end;
    }
    if (at < text.size() && kind(text[at]) & kField) ++at;
    return text.substr(first, end - first);
  }

  // The place of the quote that closes the one at `open`; kNone when there is none that ends a
  // pair.
  size_t quoted_end(std::string_view text, size_t open) {
    const char close = closing(text[open]);
    if (!close) return kNone;
    bool irregular = false;
    size_t at = std::min(text.find(close, open + 1), text.size());
    if (text.substr(open, at - open).find('\\') != text.npos)
      at = escaped_end(text, open + 1, close, irregular);
    spend((at - open) / 16);
    if (at < text.size() && ends_pair(text, at + 1)) return at;
    if (!irregular) return kNone;
    return last_choice(
        text, open + 1, 0, true,
        [&](size_t place) {
          return place < text.size() && text[place] == close && ends_pair(text, place + 1);
        },
        close);
  }

  // The same with escapes in between.
  static size_t escaped_end(std::string_view text, size_t at, char close, bool& irregular) {
    while (at < text.size() && text[at] != close) {
      if (begins_escape(text, at)) {
        irregular |= text[at + 1] == close || text[at + 1] == '\\';
        at += 2;
      } else {
        ++at;
      }
    }
    return at;
  }

  char closing(char open) const {
    switch (open) {
      case '"':
      case '\'':
        return open;
      case '(':
        return brackets_ ? ')' : '\0';
      case '[':
        return brackets_ ? ']' : '\0';
      case '<':
        return brackets_ ? '>' : '\0';
      default:
        return '\0';
    }
  }

  void spend(size_t effort) { effort_ -= std::min(effort_, effort); }

  // Where (?:\\.|[^stop])+ (or with *, when `may_be_empty`) ends if it begins at `begin` and must
  // end at an accepted place: the first such place in the order in which a backtracking matcher
  // tries them. What holds at a place depends on nothing before it, so one walk from the end of
  // the reachable text to `begin` decides.
  template <class Accept>
  size_t last_choice(std::string_view text, size_t begin, uint8_t stop, bool may_be_empty,
                     Accept accepts, char stop_letter = '\0') {
    const auto stops = [&](size_t at) {
      return stop_letter ? text[at] == stop_letter : (kind(text[at]) & stop) != 0;
    };
    size_t end = begin;
    for (bool here = true, after = false; end < text.size() && (here || after); ++end) {
      bool later = false;
      if (here) {
        later = begins_escape(text, end);
        after |= !stops(end);
      }
      here = after;
      after = later;
    }
    spend(end - begin);
    // The choice of the place looked at and of the two behind it.
    size_t choice = kNone, one = accepts(end) ? end : kNone, two = kNone;
    for (size_t at = end; at-- > begin; two = one, one = choice) {
      choice = kNone;
      if (begins_escape(text, at)) choice = two;
      if (choice == kNone && !stops(at)) choice = one;
      if (choice == kNone && (at > begin || may_be_empty) && accepts(at)) choice = at;
    }
    return end == begin ? kNone : choice;
  }

  std::array<uint8_t, 256> kinds_{};
  std::optional<StopScanner> scanner_;
  char only_split_ = 0;
  bool brackets_, lenient_;
  size_t effort_ = 0;
};

}  // namespace

std::unique_ptr<Splitter> make_class_splitter(const SplitOptions& options) {
  if (!options.field_split_pattern.empty() || !options.value_split_pattern.empty()) return nullptr;
  const auto split = CharClass::parse(options.value_split);
  const auto field = CharClass::parse(options.field_split);
  const auto stop = CharClass::parse(options.value_split + options.field_split);
  if (!split || !field || !stop) return nullptr;
  return std::make_unique<ClassSplitter>(*split, *field, *stop, options);
}

}  // namespace penstock::kv
