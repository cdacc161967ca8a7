#include "filters/dissect/conversion.h"

#include <algorithm>

#include "pipeline/base/text.h"

namespace penstock::dissect {
namespace {

// Digits that an exponent may make ("1e400"); beyond that it is no number.
constexpr int64_t kDigitsMax = 1000;

struct Decimal {
  bool negative = false;
  std::string digits;
  int64_t point = 0;  // how many of the digits stand before it; may lie outside
};

size_t take_digits(std::string_view& text, std::string& out) {
  const size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  out += text.substr(0, count);
  text.remove_prefix(count);
  return count;
}

// [+-]digits[.digits][e[+-]digits], digits on one side of the point at least.
std::optional<Decimal> parse(std::string_view text) {
  Decimal out;
  out.negative = text.starts_with('-');
  if (out.negative || text.starts_with('+')) text.remove_prefix(1);
  size_t digits = take_digits(text, out.digits);
  out.point = static_cast<int64_t>(digits);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits += take_digits(text, out.digits);
  }
  if (digits == 0) return std::nullopt;
  if (!text.empty() && (text[0] | 32) == 'e') {
    const auto exponent = parse_integer(text.substr(1));
    if (!exponent || std::abs(*exponent) > kDigitsMax) return std::nullopt;
    out.point += *exponent;
    text = {};
  }
  return text.empty() ? std::optional(out) : std::nullopt;
}

}  // namespace

std::optional<Value> decimal(std::string_view text, bool integer, Arena& arena) {
  auto number = parse(text);
  if (!number) return std::nullopt;
  std::string& digits = number->digits;
  if (number->point < 0) {
    std::string padded(static_cast<size_t>(-number->point), '0');
    padded += digits;
    digits = std::move(padded);
    number->point = 0;
  }
  auto point = static_cast<size_t>(number->point);
  if (digits.size() < point) digits.resize(point, '0');
  std::string fraction = integer ? "" : digits.substr(point);
  std::string whole = digits.substr(0, point);
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  if (whole.empty()) whole.push_back('0');
  const bool zero = whole == "0" && fraction.find_first_not_of('0') == fraction.npos;
  std::string out;
  if (number->negative && !zero) out += '-';
  out += whole;
  if (fraction.empty()) {
    if (const auto small = parse_integer(out)) return Value::of_integer(*small);
    return Value::raw_number(arena.copy(out), false);
  }
  out += '.';
  out += fraction;
  return Value::raw_number(arena.copy(out), true);
}

}  // namespace penstock::dissect
