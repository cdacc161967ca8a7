#include "pipeline/event/ruby_numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace penstock {
namespace {

constexpr std::string_view kSpace = " \t\n\v\f\r";
constexpr size_t kRealLengthMax = 400;  // of a text that leading_real() reads

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter_or_digit(char c) { return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z'); }

std::string_view stripped(std::string_view text) {
  const size_t first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool take_sign(std::string_view& text) {
  const bool minus = text.starts_with('-');
  if (minus || text.starts_with('+')) text.remove_prefix(1);
  return minus;
}

// Without the underscores, each of which must stand between two letters or digits.
std::optional<std::string> without_underscores(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out += text[i];
    } else if (i == 0 || i + 1 == text.size() || !is_letter_or_digit(text[i - 1]) ||
               !is_letter_or_digit(text[i + 1])) {
      return std::nullopt;
    }
  }
  return out;
}

int take_base(std::string_view& digits) {
  if (digits.size() < 2 || digits[0] != '0') return 10;
  constexpr std::string_view kPrefixes = "xbod";
  constexpr int kBases[] = {16, 2, 8, 10};
  const size_t at = kPrefixes.find(static_cast<char>(digits[1] | 32));
  digits.remove_prefix(at == kPrefixes.npos ? 1 : 2);
  if (at != kPrefixes.npos) return kBases[at];
  if (digits[0] == '_') digits.remove_prefix(1);
  return 8;
}

std::optional<Value> large_integer(bool minus, std::string_view digits, Arena& arena) {
  while (digits.size() > 1 && digits[0] == '0') digits.remove_prefix(1);
  const std::string text = (minus ? "-" : "") + std::string(digits);
  return Value::raw_number(arena.copy(text), false);
}

// Takes digits, with single underscores between them, from `text` to `out`; whether there are any.
bool take_digits(std::string_view& text, std::string& out) {
  const size_t before = out.size();
  size_t at = 0;
  for (; at < text.size(); ++at) {
    if (is_digit(text[at]))
      out += text[at];
    else if (text[at] != '_' || at == 0 || at + 1 >= text.size() || !is_digit(text[at + 1]))
      break;
  }
  text.remove_prefix(at);
  return out.size() > before;
}

void take_exponent(std::string_view text, std::string& out) {
  if (text.size() < 2 || (text[0] | 32) != 'e') return;
  text.remove_prefix(1);
  std::string exponent = take_sign(text) ? "e-" : "e";
  if (take_digits(text, exponent)) out += exponent;
}

// Decimal digits, a point with digits on both sides (or none before it), an exponent.
bool is_decimal(std::string_view text) {
  const auto take_digits = [&] {
    const size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count;
  };
  const size_t before = take_digits();
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (take_digits() == 0) return false;
  } else if (before == 0) {
    return false;
  }
  if (text.empty()) return true;
  if ((text[0] | 32) != 'e') return false;
  text.remove_prefix(1);
  take_sign(text);
  return take_digits() > 0 && text.empty();
}

}  // namespace

std::optional<Value> strict_integer(std::string_view text, Arena& arena) {
  std::string_view rest = stripped(text);
  const bool minus = take_sign(rest);
  if (rest.empty()) return std::nullopt;
  const int base = take_base(rest);
  const auto digits = without_underscores(rest);
  if (!digits || digits->empty() || !is_letter_or_digit((*digits)[0])) return std::nullopt;
  uint64_t value = 0;
  const char* end = digits->data() + digits->size();
  const auto [stop, error] = std::from_chars(digits->data(), end, value, base);
  if (stop != end) return std::nullopt;
  constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (error == std::errc::result_out_of_range || value > kMax + minus) {
    if (base != 10) return std::nullopt;
    return large_integer(minus, *digits, arena);
  }
  return Value::of_integer(static_cast<int64_t>(minus ? 0 - value : value));
}

std::optional<double> strict_real(std::string_view text) {
  std::string_view rest = stripped(text);
  const bool minus = take_sign(rest);
  const auto number = without_underscores(rest);
  if (!number) return std::nullopt;
  rest = *number;
  const bool hexadecimal = rest.starts_with("0x") || rest.starts_with("0X");
  if (hexadecimal)
    rest.remove_prefix(2);
  else if (!is_decimal(rest))
    return std::nullopt;
  if (rest.empty() || !(is_letter_or_digit(rest[0]) || rest[0] == '.')) return std::nullopt;
  double value = 0;
  const char* end = rest.data() + rest.size();
  const auto [stop, error] = std::from_chars(
      rest.data(), end, value, hexadecimal ? std::chars_format::hex : std::chars_format::general);
  if (stop != end) return std::nullopt;
  if (error == std::errc::result_out_of_range)
    value = rest.find("e-") != rest.npos || rest.find("E-") != rest.npos
                ? 0
                : std::numeric_limits<double>::infinity();
  if (std::isnan(value)) return std::nullopt;
  return minus ? -value : value;
}

int64_t leading_integer(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  const bool minus = take_sign(text);
  int64_t value = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_' && i > 0 && i + 1 < text.size() && is_digit(text[i - 1])) continue;
    if (!is_digit(text[i])) break;
    const int digit = minus ? '0' - text[i] : text[i] - '0';
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, digit, &value))
      return minus ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
  }
  return value;
}

double leading_real(std::string_view text) {
  text = stripped(text.substr(0, kRealLengthMax));
  const bool minus = take_sign(text);
  std::string digits;
  if (!take_digits(text, digits)) return 0;
  if (text.size() > 1 && text[0] == '.' && is_digit(text[1])) {
    digits += '.';
    text.remove_prefix(1);
    take_digits(text, digits);
  }
  take_exponent(text, digits);
  double real = 0;
  const auto error = std::from_chars(digits.data(), digits.data() + digits.size(), real).ec;
  if (error == std::errc::result_out_of_range)
    real = digits.find("e-") == digits.npos ? std::numeric_limits<double>::infinity() : 0;
  return minus ? -real : real;
}

}  // namespace penstock
