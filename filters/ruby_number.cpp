#include "filters/ruby_number.h"

#include <charconv>
#include <limits>
#include <string>

#include "pipeline/base/text.h"

namespace penstock {
namespace {

// Digits are copied from texts up to this length.
constexpr size_t kLengthMax = 400;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes digits, with single underscores between them, from `text` to `out`; how many.
size_t take_digits(std::string_view& text, std::string& out) {
  size_t count = 0;
  size_t at = 0;
  while (at < text.size()) {
    if (is_digit(text[at])) {
      out += text[at];
      ++count;
    } else if (text[at] != '_' || count == 0 || at + 1 >= text.size() || !is_digit(text[at + 1])) {
      break;
    }
    ++at;
  }
  text.remove_prefix(at);
  return count;
}

// The sign, when there is one.
void take_sign(std::string_view& text, std::string& out) {
  if (text.empty() || (text[0] != '-' && text[0] != '+')) return;
  if (text[0] == '-') out += '-';
  text.remove_prefix(1);
}

void take_exponent(std::string_view text, std::string& out) {
  if (text.size() < 2 || (text[0] | 32) != 'e') return;
  text.remove_prefix(1);
  std::string exponent = "e";
  take_sign(text, exponent);
  if (take_digits(text, exponent)) out += exponent;
}

}  // namespace

double ruby_real(std::string_view text) {
  text = trim(text.substr(0, kLengthMax));
  std::string digits;
  take_sign(text, digits);
  if (take_digits(text, digits) == 0) return 0;
  if (text.size() > 1 && text[0] == '.' && is_digit(text[1])) {
    digits += '.';
    text.remove_prefix(1);
    take_digits(text, digits);
  }
  take_exponent(text, digits);
  double real = 0;
  const auto error = std::from_chars(digits.data(), digits.data() + digits.size(), real).ec;
  if (error != std::errc::result_out_of_range) return real;
  if (digits.find("e-") != digits.npos) return 0;
  const double infinity = std::numeric_limits<double>::infinity();
  return digits[0] == '-' ? -infinity : infinity;
}

int64_t ruby_integer(std::string_view text) {
  text = trim(text.substr(0, kLengthMax));
  std::string digits;
  take_sign(text, digits);
  if (take_digits(text, digits) == 0) return 0;
  if (const auto integer = parse_integer(digits)) return *integer;
  return digits[0] == '-' ? std::numeric_limits<int64_t>::min()
                          : std::numeric_limits<int64_t>::max();
}

}  // namespace penstock
