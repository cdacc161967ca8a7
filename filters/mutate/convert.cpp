// Numbers in text are Ruby's: white space around them, underscores between digits, hexadecimal
// integers and floats, exponents. Integers have no bound: what doesn't fit 64 bits keeps its
// digits as text.
#include "filters/mutate/convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "pipeline/base/text.h"

namespace penstock::mutate {
namespace {

// Digits of an integer written with an exponent ("1e400"); more is refused.
constexpr int64_t kDigitsMax = 1000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A number's text without white space, group separators and underscores between digits.
std::string cleaned(std::string_view text, bool european) {
  constexpr std::string_view kSpace(" \t\n\v\f\r\0", 7);
  const size_t first = std::min(text.find_first_not_of(kSpace.substr(0, 6)), text.size());
  text.remove_prefix(first);
  while (!text.empty() && kSpace.find(text.back()) != kSpace.npos) text.remove_suffix(1);
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (european && (c == '.' || c == ',')) c = c == '.' ? ',' : '.';
    if (c == ',') continue;
    const bool between =
        c == '_' && i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) && is_digit(text[i + 1]);
    if (!between) out += c;
  }
  return out;
}

// A decimal number taken apart: digits, and where the point is in them.
struct Decimal {
  bool negative = false;
  std::string digits;
  int64_t point = 0;
};

std::optional<Decimal> read_decimal(std::string_view text) {
  Decimal out;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    out.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const auto take_digits = [&] {
    size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    out.digits += text.substr(0, count);
    text.remove_prefix(count);
    return count;
  };
  if (take_digits() == 0) return std::nullopt;
  out.point = static_cast<int64_t>(out.digits.size());
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    if (take_digits() == 0) return std::nullopt;
  }
  if (!text.empty() && (text[0] | 32) == 'e') {
    const auto exponent = parse_integer(text.substr(1));
    if (!exponent || std::abs(*exponent) > 1'000'000) return std::nullopt;
    out.point += *exponent;
    text = {};
  }
  if (!text.empty()) return std::nullopt;
  return out;
}

// "0x1F", "-0x1.8p3". Empty when it isn't one.
std::optional<double> read_hexadecimal(std::string_view text) {
  const bool minus = text.starts_with('-');
  if (minus || text.starts_with('+')) text.remove_prefix(1);
  if (!text.starts_with("0x") && !text.starts_with("0X")) return std::nullopt;
  text.remove_prefix(2);
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::hex);
  if (error != std::errc() || end != text.data() + text.size() || text[0] == '-')
    return std::nullopt;
  return minus ? -value : value;
}

Value integer_of_digits(bool negative, std::string_view digits, Arena& arena) {
  const size_t first = digits.find_first_not_of('0');
  if (first == digits.npos) return Value::of_integer(0);
  std::string text(negative ? "-" : "");
  text += digits.substr(first);
  if (const auto small = parse_integer(text)) return Value::of_integer(*small);
  return Value::raw_number(arena.copy(text), false);
}

std::optional<Value> integer_of_real(double real, Arena& arena) {
  if (!std::isfinite(real)) return std::nullopt;
  if (std::abs(real) < 9.2e18) return Value::of_integer(static_cast<int64_t>(real));
  const std::string digits = fmt::format("{:.0f}", std::abs(real));
  return integer_of_digits(real < 0, digits, arena);
}

std::optional<Value> integer_of_text(std::string_view text, bool european, Arena& arena) {
  // Most are plain.
  if (const auto plain = parse_integer(text); plain && text[0] != '+')
    return Value::of_integer(*plain);
  const std::string number = cleaned(text, european);
  if (const auto real = read_hexadecimal(number)) return integer_of_real(*real, arena);
  auto decimal = read_decimal(number);
  if (!decimal || decimal->point > kDigitsMax) return std::nullopt;
  if (decimal->point <= 0) return Value::of_integer(0);
  decimal->digits.resize(static_cast<size_t>(decimal->point), '0');
  return integer_of_digits(decimal->negative, decimal->digits, arena);
}

std::optional<Value> real_of_text(std::string_view text, bool european) {
  const std::string number = cleaned(text, european);
  if (const auto real = read_hexadecimal(number)) return Value::of_real(*real);
  if (!read_decimal(number)) return std::nullopt;
  const char* first = number.data() + (number[0] == '+');
  double real = 0;
  const auto error = std::from_chars(first, number.data() + number.size(), real).ec;
  if (error == std::errc::result_out_of_range)
    real = number.find("e-") != number.npos ? 0 : std::numeric_limits<double>::infinity();
  return Value::of_real(real);
}

std::optional<Value> to_integer(const Value& value, bool european, Arena& arena) {
  switch (value.kind) {
    case Kind::string:
      return integer_of_text(value.view(), european, arena);
    case Kind::boolean:
      return Value::of_integer(value.truth());
    case Kind::timestamp:
      return Value::of_integer(value.instant().seconds);
    case Kind::real:
      return integer_of_real(value.real, arena);
    case Kind::raw_number:
      if (!value.is_float()) return value;
      if (const auto real = value.as_real()) return integer_of_real(*real, arena);
      return std::nullopt;
    case Kind::integer:
      return value;
    default:
      return std::nullopt;
  }
}

std::optional<Value> to_real(const Value& value, bool european) {
  switch (value.kind) {
    case Kind::string:
      return real_of_text(value.view(), european);
    case Kind::boolean:
      return Value::of_real(value.truth() ? 1 : 0);
    case Kind::timestamp: {
      const Instant instant = value.instant();
      return Value::of_real(static_cast<double>(instant.seconds) + instant.nanoseconds * 1e-9);
    }
    default:
      if (value.is_float()) return value;
      if (const auto real = value.as_real()) return Value::of_real(*real);
      return std::nullopt;
  }
}

// Whether a line of the text is the word; a dot in the word is any character, as in Logstash's
// expression.
bool any_line_is(std::string_view text, std::initializer_list<std::string_view> words) {
  const auto same = [](char c, char wanted) {
    return wanted == '.' || (c >= 'A' && c <= 'Z' ? c | 32 : c) == wanted;
  };
  while (true) {
    const std::string_view line = text.substr(0, text.find('\n'));
    for (const std::string_view word : words)
      if (std::equal(line.begin(), line.end(), word.begin(), word.end(), same)) return true;
    if (line.size() == text.size()) return false;
    text.remove_prefix(line.size() + 1);
  }
}

Value to_boolean(const Value& value) {
  std::string scratch;
  std::string_view text;
  if (value.is_string()) {
    text = value.view();
  } else {
    append_text(value, scratch);
    text = scratch;
  }
  if (any_line_is(text, {"true", "t", "yes", "y", "1", "1.0"})) return Value::boolean(true);
  if (text.empty() || any_line_is(text, {"false", "f", "no", "n", "0", "0.0"}))
    return Value::boolean(false);
  return value;
}

}  // namespace

std::optional<Type> type_of(std::string_view name) {
  if (name == "string") return Type::string;
  if (name == "integer") return Type::integer;
  if (name == "float") return Type::real;
  if (name == "boolean") return Type::boolean;
  if (name == "integer_eu") return Type::integer_eu;
  if (name == "float_eu") return Type::real_eu;
  return std::nullopt;
}

std::optional<Value> convert(const Value& value, Type type, Arena& arena) {
  switch (type) {
    case Type::string:
      if (value.is_string()) return value;
      return Value::string(arena.copy(to_text(value)));
    case Type::integer:
    case Type::integer_eu:
      return to_integer(value, type == Type::integer_eu, arena);
    case Type::real:
    case Type::real_eu:
      return to_real(value, type == Type::real_eu);
    case Type::boolean:
      return to_boolean(value);
  }
  return std::nullopt;
}

}  // namespace penstock::mutate
