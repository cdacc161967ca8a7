// Charset: received text as well-formed UTF-8. One per decoder (it holds a converter's state).
//
// UTF-8 is checked and passed through; bytes that aren't UTF-8 are written as \xHH, as Logstash
// does. Other charsets are converted by iconv; what can't be converted becomes U+FFFD.
#pragma once

#include <string>
#include <string_view>

#include "pipeline/base/arena.h"
#include "pipeline/base/result.h"
#include "pipeline/config/settings.h"

namespace penstock {

class Charset {
 public:
  // By the name of Ruby's Encoding list ("UTF-8", "ISO-8859-1", "CP1252", "ASCII-8BIT") or any that
  // iconv knows. The option's place goes into the error.
  static Result<Charset> open(const Settings& settings, std::string_view option = "charset");

  static Charset utf8() { return Charset(); }

  Charset(Charset&& other) noexcept;
  Charset& operator=(Charset&&) = delete;
  ~Charset();

  bool is_utf8() const { return converter_ == nullptr; }
  // The text itself when it is UTF-8 already, otherwise a copy in the arena.
  std::string_view convert(std::string_view text, Arena& arena);
  // The same in two steps, for parsers that check UTF-8 themselves: to_utf8() leaves text that
  // claims to be UTF-8 as it is, well_formed() mends what turned out not to be.
  std::string_view to_utf8(std::string_view text, Arena& arena) {
    return is_utf8() ? text : iconv_all(text, arena);
  }
  static std::string_view well_formed(std::string_view text, Arena& arena);

 private:
  Charset() = default;
  std::string_view iconv_all(std::string_view text, Arena& arena);

  void* converter_ = nullptr;  // iconv_t; null for UTF-8
};

// The option that every charset-aware codec declares.
inline constexpr Option kCharsetOption = {
    "charset", OptionType::string, "UTF-8",
    "Encoding of the received text, converted to UTF-8: UTF-8, ISO-8859-1, CP1252, UTF-16LE, ..."};

}  // namespace penstock
