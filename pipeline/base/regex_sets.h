// Bracket expressions of Ruby's syntax, with sets in sets and intersections, as PCRE2 can say them:
// a set of its own, or a group of alternatives and look-aheads. For translate_ruby_regex() alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/base/regex_source.h"

namespace penstock {

class RegexSets : public RegexSource {
 public:
  using RegexSource::RegexSource;

 protected:
  struct Set {
    bool simple = true;  // [items] or [^items]
    bool negated = false;
    std::string items;
    std::string expression;  // when not simple

    std::string text() const { return simple ? (negated ? "[^" : "[") + items + "]" : expression; }
  };

  // After "[": up to and with the closing bracket.
  Set set(unsigned depth);

 private:
  static void finish(Set& out, const std::vector<std::string>& operands,
                     const std::vector<std::string>& nested);
  void set_in_set(unsigned depth, Set& out, std::vector<std::string>& nested);
  std::optional<std::string> posix_bracket();
  // One character, a range, or an escape that stands for a set.
  void set_item(std::string& items);
  // Empty: it was a set, written to `items`.
  std::optional<uint32_t> set_character(std::string& items);

  unsigned set_retries_ = 0;
};

}  // namespace penstock
