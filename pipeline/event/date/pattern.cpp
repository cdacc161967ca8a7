#include "pipeline/event/date/pattern.h"

#include <optional>

namespace penstock::date {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

Error wrong(std::string_view pattern, const std::string& why) {
  return {Errc::bad_config, "invalid date pattern `" + std::string(pattern) + "`: " + why, {}};
}

Step number(Field field, size_t min, size_t max) {
  Step step;
  step.kind = Step::Kind::number;
  step.field = field;
  step.min = static_cast<uint8_t>(min);
  step.max = static_cast<uint8_t>(max);
  return step;
}

Step name_of(Field field, Width width) {
  Step step;
  step.kind = Step::Kind::name;
  step.field = field;
  step.width = width;
  return step;
}

Step two_digit_year(Field field, bool lenient) {
  Step step = number(field, 2, 2);
  step.kind = Step::Kind::two_digit;
  step.lenient = lenient;
  return step;
}

Step fraction(size_t digits) {
  Step step = number(Field::nanosecond, digits, digits);
  step.kind = Step::Kind::fraction;
  return step;
}

Step offset_step(bool colon, std::string_view zero) {
  Step step;
  step.kind = Step::Kind::offset;
  step.colon = colon;
  step.text = zero;
  return step;
}

Step of_kind(Step::Kind kind, Width width) {
  Step step;
  step.kind = kind;
  step.width = width;
  return step;
}

// What both languages of patterns are made of: runs of one letter, quoted text, other characters.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool done() const { return at_ == text_.size(); }
  char peek() const { return text_[at_]; }
  void skip() { ++at_; }

  // The run of the letter that is next.
  size_t run() {
    const size_t end = text_.find_first_not_of(text_[at_], at_);
    const size_t length = (end == text_.npos ? text_.size() : end) - at_;
    at_ += length;
    return length;
  }

  // Quoted text at the opening quote; '' is a quote. False when the closing one is missing.
  bool quoted(std::string& out) {
    if (at_ + 1 < text_.size() && text_[at_ + 1] == '\'') {
      at_ += 2;
      out += '\'';
      return true;
    }
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != '\'') {
        out += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '\'') {
        out += '\'';
        ++at_;
      } else {
        ++at_;
        return true;
      }
    }
    return false;
  }

  // Joda-Time: whether the next token is a number, so that this one must not take its digits.
  bool number_follows() const {
    if (done() || !is_letter(peek())) return false;
    if (peek() == 'M') {
      const size_t end = text_.find_first_not_of('M', at_);
      return (end == text_.npos ? text_.size() : end) - at_ <= 2;
    }
    return std::string_view("cCxyYdhHmsSeDFwWkK").find(peek()) != std::string_view::npos;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

void add_literal(Pattern& pattern, std::string_view text) {
  if (text.empty()) return;
  if (pattern.steps.empty() || pattern.steps.back().kind != Step::Kind::literal)
    pattern.steps.emplace_back();
  pattern.steps.back().text += text;
}

Field joda_year(char letter) {
  return letter == 'x' ? Field::weekyear : letter == 'Y' ? Field::year_of_era : Field::year;
}

// One letter of Joda-Time's; empty when it has no meaning.
std::optional<Step> joda_step(char letter, size_t length, const Reader& rest) {
  switch (letter) {
    case 'G':
      return name_of(Field::era, Width::abbreviated);
    case 'C':
      return number(Field::century_of_era, length, length);
    case 'x':
    case 'y':
    case 'Y':
      if (length == 2) return two_digit_year(joda_year(letter), !rest.number_follows());
      return number(joda_year(letter), length, rest.number_follows() ? length : 9);
    case 'M':
      if (length >= 3) return name_of(Field::month, length >= 4 ? Width::full : Width::abbreviated);
      return number(Field::month, length, 2);
    case 'd':
      return number(Field::day_of_month, length, 2);
    case 'a':
      return name_of(Field::halfday, Width::abbreviated);
    case 'h':
      return number(Field::half_clockhour, length, 2);
    case 'H':
      return number(Field::hour, length, 2);
    case 'k':
      return number(Field::clockhour, length, 2);
    case 'K':
      return number(Field::half_hour, length, 2);
    case 'm':
      return number(Field::minute, length, 2);
    case 's':
      return number(Field::second, length, 2);
    case 'S':
      return fraction(length);
    case 'e':
      return number(Field::day_of_week, length, 1);
    case 'E':
      return name_of(Field::day_of_week, length >= 4 ? Width::full : Width::abbreviated);
    case 'D':
      return number(Field::day_of_year, length, 3);
    case 'w':
      return number(Field::week, length, 2);
    case 'z':
      return of_kind(Step::Kind::zone_name, length >= 4 ? Width::full : Width::abbreviated);
    case 'Z':
      if (length >= 3) return of_kind(Step::Kind::zone_id, Width::full);
      return offset_step(length == 2, "");
    default:
      return std::nullopt;
  }
}

Width java_width(size_t length) {
  return length == 4 ? Width::full : length == 5 ? Width::narrow : Width::abbreviated;
}

// Offsets of java.time: X (Z for zero), x (+00 for zero), Z, O.
std::optional<Step> java_offset(char letter, size_t length) {
  if (letter == 'Z') {
    if (length > 5) return std::nullopt;
    if (length == 4) {
      Step step = offset_step(true, "GMT");
      step.width = Width::full;
      return step;
    }
    Step step = offset_step(length == 5, length == 5 ? "Z" : "+0000");
    step.seconds = length == 5;
    return step;
  }
  if (letter == 'O') {
    if (length != 1 && length != 4) return std::nullopt;
    Step step = offset_step(true, "GMT");
    step.width = length == 4 ? Width::full : Width::abbreviated;
    return step;
  }
  if (length > 5) return std::nullopt;
  const bool colon = length == 3 || length == 5;
  Step step = offset_step(colon, letter == 'X' ? "Z"
                                 : length == 1 ? "+00"
                                 : colon       ? "+00:00"
                                               : "+0000");
  step.minutes_optional = length == 1;
  step.seconds = length >= 4;
  return step;
}

std::optional<Step> java_year(Field field, size_t length) {
  if (length == 2) return two_digit_year(field, false);
  Step step = number(field, length, length < 4 ? 19 : 9);
  step.sign = length >= 4;
  return step;
}

std::optional<Step> java_text_or_number(Field field, size_t length) {
  if (length > 5) return std::nullopt;
  if (length <= 2) return number(field, length, 2);
  return name_of(field, java_width(length));
}

std::optional<Step> java_number(Field field, size_t length, size_t length_max, size_t digits) {
  if (length > length_max) return std::nullopt;
  return number(field, length, digits);
}

// One letter of java.time's; empty when it has no meaning, or not with this length.
std::optional<Step> java_step(char letter, size_t length) {
  switch (letter) {
    case 'G':
      return length <= 5 ? std::optional(name_of(Field::era, java_width(length))) : std::nullopt;
    case 'u':
      return java_year(Field::year, length);
    case 'y':
      return java_year(Field::year_of_era, length);
    case 'Y':
      return java_year(Field::weekyear, length);
    case 'D':
      return java_number(Field::day_of_year, length, 3, 3);
    case 'M':
    case 'L':
      return java_text_or_number(Field::month, length);
    case 'd':
      return java_number(Field::day_of_month, length, 2, 2);
    case 'Q':
    case 'q':
      return java_text_or_number(Field::quarter, length);
    case 'w':
      return java_number(Field::week, length, 2, 2);
    case 'W':
      return java_number(Field::week_of_month, length, 1, 1);
    case 'E':
      return length <= 5 ? std::optional(name_of(Field::day_of_week, java_width(length)))
                         : std::nullopt;
    case 'e':
    case 'c':
      return java_text_or_number(Field::day_of_week, length);
    case 'F':
      return java_number(Field::month_week_day, length, 1, 1);
    case 'a':
      return length == 1 ? std::optional(name_of(Field::halfday, Width::abbreviated))
                         : std::nullopt;
    case 'h':
      return java_number(Field::half_clockhour, length, 2, 2);
    case 'K':
      return java_number(Field::half_hour, length, 2, 2);
    case 'k':
      return java_number(Field::clockhour, length, 2, 2);
    case 'H':
      return java_number(Field::hour, length, 2, 2);
    case 'm':
      return java_number(Field::minute, length, 2, 2);
    case 's':
      return java_number(Field::second, length, 2, 2);
    case 'S':
      return length <= 9 ? std::optional(fraction(length)) : std::nullopt;
    case 'A':
      return java_number(Field::milli_of_day, length, 19, 19);
    case 'n':
      return java_number(Field::nanosecond, length, 19, 9);
    case 'N':
      return java_number(Field::nano_of_day, length, 19, 19);
    case 'V':
      return length == 2 ? std::optional(of_kind(Step::Kind::zone_id, Width::full)) : std::nullopt;
    case 'v':
    case 'z':
      if (length > 4) return std::nullopt;
      return of_kind(Step::Kind::zone_name, length == 4 ? Width::full : Width::abbreviated);
    case 'O':
    case 'X':
    case 'x':
    case 'Z':
      return java_offset(letter, length);
    default:
      return std::nullopt;
  }
}

// "pp" before a letter: the next step is padded with blanks to that width.
Status read_padding(std::string_view text, Reader& reader, size_t& pad) {
  pad = reader.run();
  if (reader.done() || !is_letter(reader.peek()) || pad > 19)
    return wrong(text, "the pad letter `p` must be followed by a field");
  return ok_status();
}

}  // namespace

Result<Pattern> compile_joda(std::string_view text, const Locale& locale) {
  Pattern pattern;
  pattern.locale = &locale;
  Reader reader(text);
  if (text.empty()) return wrong(text, "it is empty");
  while (!reader.done()) {
    const char c = reader.peek();
    if (!is_letter(c)) {
      std::string literal(1, c);
      if (c == '\'') {
        // Joda-Time takes an unclosed quote to the end of the pattern.
        literal.clear();
        reader.quoted(literal);
      } else {
        reader.skip();
      }
      add_literal(pattern, literal);
      continue;
    }
    const size_t length = reader.run();
    if (length > 40) return wrong(text, "too many letters `" + std::string(1, c) + "`");
    const auto step = joda_step(c, length, reader);
    if (!step) return wrong(text, "unknown letter `" + std::string(1, c) + "`");
    pattern.steps.push_back(*step);
    pattern.has_year |= c == 'y' || c == 'Y' || c == 'x';
    pattern.has_zone |= c == 'Z';
  }
  return pattern;
}

Result<Pattern> compile_java(std::string_view text, const Locale& locale) {
  Pattern pattern;
  pattern.locale = &locale;
  Reader reader(text);
  size_t pad = 0;
  while (!reader.done()) {
    const char c = reader.peek();
    if (c == '\'') {
      std::string literal;
      if (!reader.quoted(literal)) return wrong(text, "a quote is not closed");
      add_literal(pattern, literal);
    } else if (c == '{' || c == '}' || c == '#') {
      return wrong(text, "the character `" + std::string(1, c) + "` is reserved");
    } else if (c == '[' || c == ']') {
      reader.skip();  // optional sections always print what they hold: every field is there
    } else if (!is_letter(c)) {
      add_literal(pattern, std::string_view(&c, 1));
      reader.skip();
    } else if (c == 'p') {
      TRY_STATUS(read_padding(text, reader, pad));
    } else {
      const size_t length = reader.run();
      auto step = length > 40 ? std::nullopt : java_step(c, length);
      if (!step) return wrong(text, "unknown field `" + std::string(length, c) + "`");
      step->pad = static_cast<uint8_t>(std::exchange(pad, 0));
      pattern.steps.push_back(*step);
      pattern.has_year |= c == 'y' || c == 'u' || c == 'Y';
    }
  }
  return pattern;
}

}  // namespace penstock::date
