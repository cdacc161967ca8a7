// Floats with all their 53 bits. mruby keeps a float in the 64 bits of a value, and as Debian
// builds it, two of them are taken from the fraction for the type's tag: 0.1 would become
// 0.09999999999999999. Boxing and unboxing are two functions, so they are replaced at link time
// (--wrap, see CMakeLists.txt) by an encoding that takes the bits from the exponent instead, the
// one that CRuby uses on 64-bit machines ("flonum"): of the exponent's three highest bits only the
// patterns 011 and 100 occur between 1.7e-77 and 1.1e77, and one bit tells them apart.
//
// Beyond that range: larger is infinity, smaller is zero.
//
// Reading floats is replaced too: mruby's "0.3" is 0.30000000000000004.
#include <mruby.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace {

constexpr uint64_t kTag = 2, kTagMask = 3;
// Values that take the places of the few smallest numbers of the range (about 1.7e-77).
constexpr uint64_t kZero = (uint64_t{0} << 2) | kTag, kNegativeZero = (uint64_t{1} << 2) | kTag,
                   kInfinity = (uint64_t{2} << 2) | kTag,
                   kNegativeInfinity = (uint64_t{3} << 2) | kTag, kNan = (uint64_t{4} << 2) | kTag,
                   kSpecialMax = kNan;

uint64_t encode(double number) {
  if (std::isnan(number)) return kNan;
  const auto bits = std::bit_cast<uint64_t>(number);
  const uint64_t sign = bits >> 63, exponent = (bits >> 60) & 7;
  if (exponent > 4) return sign ? kNegativeInfinity : kInfinity;
  if (exponent < 3) return sign ? kNegativeZero : kZero;
  // 60 bits of the number, above them the low bit of its exponent's three, below them the sign:
  // rotated so that the tag lies below.
  const uint64_t low = bits & ((uint64_t{1} << 60) - 1);
  const uint64_t code = (((exponent & 1) ? 0 : uint64_t{1}) << 61) | (low << 1) | sign;
  const uint64_t value = (code << 2) | kTag;
  return value > kSpecialMax ? value : sign ? kNegativeZero : kZero;
}

double decode(uint64_t value) {
  if (value <= kSpecialMax) {
    switch (value) {
      case kNegativeZero:
        return -0.0;
      case kInfinity:
        return HUGE_VAL;
      case kNegativeInfinity:
        return -HUGE_VAL;
      case kNan:
        return std::nan("");
      default:
        return 0.0;
    }
  }
  const uint64_t code = value >> 2;
  const uint64_t sign = code & 1, low = (code >> 1) & ((uint64_t{1} << 60) - 1);
  const uint64_t exponent = (code >> 61) ? 4 : 3;
  return std::bit_cast<double>((sign << 63) | (exponent << 60) | low);
}

}  // namespace

extern "C" mrb_value __wrap_mrb_word_boxing_float_value(mrb_state*, mrb_float number) {
  return {encode(number)};
}

extern "C" mrb_float __wrap_mrb_word_boxing_value_float(mrb_value value) { return decode(value.w); }

// As strtod, without the locale, hexadecimals and words.
extern "C" double __wrap_mrb_float_read(const char* text, char** end) {
  const char* at = text;
  while (*at == ' ' || (*at >= '\t' && *at <= '\r')) ++at;
  const bool minus = *at == '-';
  if (*at == '-' || *at == '+') ++at;
  const auto digits = [](const char* from) {
    while (*from >= '0' && *from <= '9') ++from;
    return from;
  };
  const char* const begin = at;
  at = digits(begin);
  if (*at == '.') at = digits(at + 1);
  if (at == begin || (at == begin + 1 && *begin == '.')) {
    if (end) *end = const_cast<char*>(text);
    return 0;
  }
  if (*at == 'e' || *at == 'E') {
    const char* exponent = at + 1;
    if (*exponent == '-' || *exponent == '+') ++exponent;
    if (digits(exponent) != exponent) at = digits(exponent);
  }
  double number = 0;
  const auto read = std::from_chars(begin, at, number);
  if (read.ec == std::errc::result_out_of_range) number = std::strtod(begin, nullptr);
  if (end) *end = const_cast<char*>(at);
  return minus ? -number : number;
}
