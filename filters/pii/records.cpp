// Weak identifiers that only a word before them makes believable: dates of birth, medical record
// numbers, passports. Found forward from the word.
#include <algorithm>

#include "filters/pii/checks.h"
#include "filters/pii/scan.h"

namespace penstock::pii {
namespace {

constexpr size_t kDateBytesMax = 32;

// Reads up to `digits_max` digits; how many there were.
size_t read_number(std::string_view text, size_t& at, size_t digits_max, unsigned& out) {
  const size_t from = at;
  out = 0;
  while (at < text.size() && at - from < digits_max && is_digit(text[at]))
    out = out * 10 + static_cast<unsigned>(text[at++] - '0');
  return at - from;
}

bool is_date_gap(char c) { return c == '/' || c == '-' || c == '.'; }

unsigned century(unsigned year, size_t digits) {
  return digits == 2 ? year + (year > 30 ? 1900 : 2000) : year;
}

// A time or zone that is written on to a date goes with it.
size_t with_time(std::string_view text, size_t at) {
  if (at + 3 >= text.size() || (text[at] != 'T' && text[at] != ' ') || !is_digit(text[at + 1]) ||
      !is_digit(text[at + 2]) || text[at + 3] != ':')
    return at;
  size_t end = at + 3;
  while (end < text.size() && end - at < 20 &&
         (is_digit(text[end]) || text[end] == ':' || text[end] == '.'))
    ++end;
  return end < text.size() && text[end] == 'Z' ? end + 1 : end;
}

// 1980-03-12, 12/03/1980, 12.3.80, 19800312: the end, or 0.
size_t numeric_date_end(std::string_view text, size_t begin) {
  size_t at = begin;
  unsigned a = 0, b = 0, c = 0;
  const size_t first = read_number(text, at, 8, a);
  if (first == 8 && is_day(a / 10000, a / 100 % 100, a % 100)) return at;
  if (first != 1 && first != 2 && first != 4) return 0;
  const size_t gap_size = text.substr(at, 3) == "%2F" ? 3 : 1;
  if (at >= text.size() || (!is_date_gap(text[at]) && gap_size == 1)) return 0;
  const char gap = text[at];
  at += gap_size;
  const size_t second = read_number(text, at, 2, b);
  if (second == 0 || at >= text.size() || text[at] != gap) return 0;
  at += gap_size;
  const size_t third = read_number(text, at, 4, c);
  if (first == 4) return third && is_day(a, b, c) ? with_time(text, at) : 0;
  if (third != 2 && third != 4) return 0;
  const unsigned year = century(c, third);
  return is_day(year, b, a) || is_day(year, a, b) ? at : 0;
}

// The month's number by its English name or its first three letters; 0 when it is none.
unsigned month_at(std::string_view text, size_t& at) {
  static constexpr std::string_view kMonths[] = {"january",   "february", "march",    "april",
                                                 "may",       "june",     "july",     "august",
                                                 "september", "october",  "november", "december"};
  size_t end = at;
  while (end < text.size() && end - at < 10 && is_alpha(text[end])) ++end;
  const std::string_view word = text.substr(at, end - at);
  for (unsigned i = 0; i < 12; ++i) {
    const std::string_view month = kMonths[i];
    if (word.size() < 3 || word.size() > month.size() || !has_word_at(month, 0, month.substr(0, 3)))
      continue;
    if (!has_word_at(word, 0, month.substr(0, word.size()))) continue;
    at = end + (end < text.size() && text[end] == '.' ? 1 : 0);
    return i + 1;
  }
  return 0;
}

void skip_date_gap(std::string_view text, size_t& at) {
  if (has_word_at(text, at, "st") || has_word_at(text, at, "nd") || has_word_at(text, at, "rd") ||
      has_word_at(text, at, "th"))
    at += 2;
  for (size_t i = 0; i < 2 && at < text.size() &&
                     (text[at] == ' ' || text[at] == '-' || text[at] == ',' || text[at] == '.' ||
                      text[at] == '/');
       ++i)
    ++at;
  if (has_word_at(text, at, "of ")) at += 3;
}

// "12 March 1980", "12-Mar-80", "March 12, 1980": the end, or 0.
size_t written_date_end(std::string_view text, size_t begin) {
  size_t at = begin;
  unsigned day = 0, month = 0, year = 0;
  if (is_digit(text[begin])) {
    if (!read_number(text, at, 2, day)) return 0;
    skip_date_gap(text, at);
    month = month_at(text, at);
  } else {
    month = month_at(text, at);
    if (!month) return 0;
    skip_date_gap(text, at);
    if (!read_number(text, at, 2, day)) return 0;
  }
  if (!month) return 0;
  skip_date_gap(text, at);
  const size_t digits = read_number(text, at, 4, year);
  if (digits != 4 && digits != 2) return 0;
  return is_day(century(year, digits), month, day) ? at : 0;
}

// Tries `end_of` at every word that begins within reach of the context word that ended at `from`.
// A line's end or the end of an object cuts the reach.
template <class EndOf>
void find_within_reach(Scan& scan, size_t from, Entity entity, EndOf end_of) {
  const std::string_view text = scan.text;
  const size_t limit = std::min(text.size(), from + kContextBytes);
  for (size_t at = from; at < limit; ++at) {
    const char c = text[at];
    if (c == '\n' || c == '}' || c == '[' || c == '@') return;
    if (!is_alnum(c) || (is_alnum(text[at - 1]) && at > from)) continue;
    const size_t end = end_of(text, at);
    if (end == 0 || is_alnum(scan.at(end)) || scan.at(end) == '_') continue;
    return scan.add(at, end, entity);
  }
}

}  // namespace

void find_date_of_birth(Scan& scan, size_t end) {
  find_within_reach(scan, end, Entity::date_of_birth, [](std::string_view text, size_t at) {
    const size_t numeric = is_digit(text[at]) ? numeric_date_end(text, at) : 0;
    return numeric ? numeric : written_date_end(text, at);
  });
}

void find_medical_record(Scan& scan, size_t end) {
  find_within_reach(scan, end, Entity::medical_record_number, [](std::string_view text, size_t at) {
    // Letters, digits and dashes, like A-1234567 or 483-22-91: four digits at least.
    size_t to = at, digits = 0, letters = 0;
    while (to < text.size() && to - at <= 20 && (is_alnum(text[to]) || text[to] == '-')) {
      digits += is_digit(text[to]);
      letters += is_alpha(text[to]);
      ++to;
    }
    while (to > at && text[to - 1] == '-') --to;
    // "2026-11-21" is when, not who.
    const bool date = to - at == 10 && text[at + 4] == '-' && text[at + 7] == '-' && letters == 0;
    return digits >= 4 && letters <= 5 && to - at <= 20 && !date ? to : size_t{0};
  });
}

void find_passport(Scan& scan, size_t end) {
  find_within_reach(scan, end, Entity::us_passport, [](std::string_view text, size_t at) {
    size_t to = at;
    while (to < text.size() && to - at < 10 && is_alnum(text[to])) ++to;
    if (to - at != 9 || !std::all_of(text.begin() + static_cast<ptrdiff_t>(at) + 1,
                                     text.begin() + static_cast<ptrdiff_t>(to), is_digit))
      return size_t{0};
    return is_digit(text[at]) || is_alpha(text[at]) ? to : size_t{0};
  });
}

}  // namespace penstock::pii
