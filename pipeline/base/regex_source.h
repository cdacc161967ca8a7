// A regular expression in Ruby's syntax while it is read: where the reader is, what went wrong, and
// the parts that mean the same inside and outside of sets. For translate_ruby_regex() alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock {

constexpr bool is_regex_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_regex_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// How deeply groups and sets may be nested; PCRE2's own limit is 250.
inline constexpr unsigned kRegexNestingMax = 200;

// The set's items that \d \w \s \h and their capitals stand for; empty for other letters.
std::string_view shorthand_items(char letter);
bool is_posix_class(std::string_view name);
void append_code_point(std::string& out, uint32_t code);

class RegexSource {
 public:
  explicit RegexSource(std::string_view in) : in_(in) {}
  const std::string& error() const { return error_; }

 protected:
  bool done() const { return at_ >= in_.size(); }
  char peek(size_t ahead = 0) const { return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0'; }
  bool starts(std::string_view text) const { return in_.substr(at_).starts_with(text); }
  bool accept(std::string_view text) {
    if (!starts(text)) return false;
    at_ += text.size();
    return true;
  }
  bool failed() const { return !error_.empty(); }
  void fail(std::string_view why);

  // After the backslash: an escape that stands for one character. Empty: none of those.
  std::optional<uint32_t> character_escape();
  // \p{Alpha}, \p{^Alpha}, \P{Alpha}: as it is written inside of brackets.
  std::string property();
  uint32_t next_code_point();

  std::string_view in_;
  size_t at_ = 0;
  std::string error_;

 private:
  uint32_t octal_escape();
  std::optional<uint32_t> hex_escape();
  std::optional<uint32_t> unicode_escape();
  std::optional<uint32_t> braced_hex(size_t digits_max);
};

}  // namespace penstock
