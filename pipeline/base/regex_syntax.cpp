// A recursive-descent pass over the expression that writes PCRE2's form of each part. What differs,
// from Onigmo's documentation (doc/RE, doc/SYNTAX.md) and Ruby's (Regexp):
//
//   \h \H            hexadecimal digits (PCRE2: horizontal space);  \v  only the vertical tab
//   \d \w \s         ASCII, while \b, POSIX brackets and \p{} know Unicode: so PCRE2_UCP is on and
//                    the three are written out as sets
//   (?m)             the dot matches newlines: PCRE2's (?s). ^ and $ always match at lines
//   (?i) in a group  holds to the group's end and over its alternatives: a(?i)b|c = a(?i:b|c)
//   (?x)             blanks and comments are taken out here
//   (?<name>..)      plain groups don't capture when there is a named one; names may repeat
//   X{n,m}+          repeats the repetition, isn't possessive;  X{n}? is (?:X{n})?;  X{,m} = X{0,m}
//   [a[bc]&&[^c]]    sets in sets, intersections
//   \Q \E \N ...     no meaning: the letter
//
// The pass runs twice: first to learn the groups and names, then to write.
#include "pipeline/base/regex_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "pipeline/base/regex_sets.h"
#include "pipeline/base/text.h"

namespace penstock {
namespace {

constexpr size_t kPatternBytesMax = 256 << 10;  // an expanded grok pattern is a few 10 kB at most

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

class Translator : public RegexSets {
 public:
  Translator(std::string_view in, bool ignore_case, const Translator* learned)
      : RegexSets(in), ignore_case_(ignore_case), learned_(learned) {}

  bool run() {
    body(0, {false, ignore_case_});
    if (!failed() && !done()) fail("unmatched close parenthesis");
    return !failed();
  }
  std::string&& take() { return std::move(out_); }
  const std::vector<RegexGroupName>& names() const { return names_; }

 private:
  struct Modes {
    bool extended, ignore_case;
  };
  enum class Item : uint8_t { nothing, assertion, atom };
  // --- groups and sequences ---

  // Up to the closing parenthesis of this group, which stays.
  void body(unsigned depth, Modes modes) {
    if (depth > kRegexNestingMax) return fail("groups are nested too deeply");
    size_t opened = 0;  // by isolated options
    while (!done() && peek() != ')') {
      if (accept("|")) {
        out_ += '|';
        continue;
      }
      const size_t start = out_.size();
      const Item item = atom(depth, modes, opened);
      if (item != Item::nothing) quantifiers(start, item, modes);
    }
    out_.append(opened, ')');
  }

  Item atom(unsigned depth, Modes& modes, size_t& opened) {
    const char c = peek();
    if (modes.extended && is_blank(c)) {
      ++at_;
      return Item::nothing;
    }
    if (modes.extended && c == '#') {
      at_ = std::min(in_.find('\n', at_), in_.size());
      return Item::nothing;
    }
    switch (c) {
      case '(':
        return group(depth, modes, opened);
      case '[':
        ++at_;
        out_ += set(depth + 1).text();
        return Item::atom;
      case '\\':
        return escape(modes);
      case '^':
      case '$':
        ++at_;
        out_ += c;
        return Item::assertion;
      case '.':
        ++at_;
        out_ += c;
        return Item::atom;
      case '*':
      case '+':
      case '?':
        fail("target of repeat operator is not specified");
        return Item::nothing;
      default:
        literal();
        return Item::atom;
    }
  }

  void literal() {
    const char c = in_[at_++];
    const bool ascii = static_cast<unsigned char>(c) < 0x80;
    if (ascii && !is_regex_digit(c) && !is_regex_letter(c) && !is_blank(c) && c != '_' && c >= 0x20)
      out_ += '\\';
    if (ascii && c < 0x20) {
      append_code_point(out_, static_cast<uint32_t>(c));
      return;
    }
    out_ += c;
    while (!ascii && (peek() & 0xC0) == 0x80 && !done()) out_ += in_[at_++];
  }

  Item group(unsigned depth, Modes& modes, size_t& opened) {
    ++at_;
    Item kind = Item::atom;
    Modes inner = modes;
    if (accept("?#")) {
      comment();
      return Item::nothing;
    }
    if (accept("?:")) {
      out_ += "(?:";
    } else if (accept("?>")) {
      out_ += "(?>";
    } else if (starts("?=") || starts("?!") || starts("?<=") || starts("?<!")) {
      const size_t length = peek(1) == '<' ? 3 : 2;
      out_ += '(';
      out_ += in_.substr(at_, length);
      at_ += length;
      kind = Item::assertion;
    } else if (starts("?<") || starts("?'") || starts("?P<")) {
      named_group();
    } else if (accept("?(")) {
      condition();
    } else if (accept("?~")) {
      fail("the absent operator (?~...) is not supported");
    } else if (accept("?")) {
      if (!options(inner)) {  // isolated: holds to the end of the enclosing group
        modes = inner;
        ++opened;
        return Item::nothing;
      }
    } else if (peek() == '*') {
      fail("target of repeat operator is not specified");
    } else {
      plain_group();
    }
    body(depth + 1, inner);
    if (!failed() && !accept(")")) fail("end of expression inside a group");
    out_ += ')';
    return kind;
  }

  void comment() {
    while (!done() && peek() != ')') at_ += peek() == '\\' ? 2 : 1;
    if (!accept(")")) fail("end of expression inside a comment");
  }

  void plain_group() {
    const bool captures = !learned_ || learned_->names_.empty();
    out_ += captures ? "(" : "(?:";
    if (captures) ++groups_;
  }

  void named_group() {
    accept("?P<") || accept("?<") || accept("?'");
    const char close = in_[at_ - 1] == '<' ? '>' : '\'';
    const size_t end = in_.find(close, at_);
    if (end == in_.npos || end == at_) return fail("group name is empty or not closed");
    // In the first pass the plain groups before it were counted too; the second counts right.
    names_.push_back({std::string(in_.substr(at_, end - at_)), ++groups_});
    at_ = end + 1;
    out_ += '(';
  }

  // (?imx-imx) or (?imx-imx:...). False: the isolated form.
  bool options(Modes& modes) {
    bool on = true;
    std::string set, unset;
    for (; !done() && peek() != ')' && peek() != ':'; ++at_) {
      std::string& to = on ? set : unset;
      switch (peek()) {
        case '-':
          on = false;
          break;
        case 'i':
          modes.ignore_case = on;
          to += 'i';
          break;
        case 'm':
        case 's':  // not Ruby's, but written by people who know Perl
          to += 's';
          break;
        case 'x':
          modes.extended = on;
          break;
        case 'a':
        case 'd':
        case 'u':
          break;  // which characters \w means: as by default
        default:
          fail("undefined group option");
          return true;
      }
    }
    const bool scoped = peek() == ':';
    if (done()) fail("end of expression inside a group");
    ++at_;
    out_ += "(?" + set + (unset.empty() ? "" : "-" + unset) + ":";
    return scoped;
  }

  // (?(1)yes|no), (?(<name>)yes|no)
  void condition() {
    const size_t end = in_.find(')', at_);
    if (end == in_.npos) return fail("end of expression inside a condition");
    std::string_view name = in_.substr(at_, end - at_);
    if (name.size() > 2 && (name[0] == '<' || name[0] == '\''))
      name = name.substr(1, name.size() - 2);
    const std::vector<uint32_t> groups = referenced(name);
    if (failed()) return;
    out_ += fmt::format("(?({})", groups.back());
    at_ = end + 1;
  }

  // --- quantifiers ---

  struct Quantifier {
    std::string text;
    bool fixed = false;     // {n}
    bool interval = false;  // {n,m}
  };

  std::optional<Quantifier> quantifier() {
    const char c = peek();
    if (c == '*' || c == '+' || c == '?') {
      ++at_;
      return Quantifier{std::string(1, c), false, false};
    }
    if (c != '{') return std::nullopt;
    size_t at = at_ + 1;
    const auto number = [&] {
      const size_t from = at;
      while (at < in_.size() && is_regex_digit(in_[at])) ++at;
      return std::string(in_.substr(from, at - from));
    };
    const std::string low = number();
    const bool comma = at < in_.size() && in_[at] == ',';
    if (comma) ++at;
    const std::string high = comma ? number() : low;
    if (at >= in_.size() || in_[at] != '}' || (low.empty() && high.empty())) return std::nullopt;
    at_ = at + 1;
    return Quantifier{"{" + (low.empty() ? "0" : low) + (comma ? "," + high : "") + "}", !comma,
                      true};
  }

  void quantifiers(size_t start, Item item, Modes modes) {
    bool wrap = item == Item::assertion;
    while (!failed()) {
      while (modes.extended && is_blank(peek())) ++at_;
      const auto found = quantifier();
      if (!found) return;
      if (wrap) {
        out_.insert(start, "(?:");
        out_ += ')';
      }
      out_ += found->text;
      wrap = true;
      if (found->fixed) continue;  // X{n}? makes the repetition optional
      if (accept("?"))
        out_ += '?';
      else if (!found->interval && accept("+"))
        out_ += '+';
    }
  }

  // --- escapes ---

  Item escape(Modes modes) {
    ++at_;
    if (done()) {
      fail("end of expression after an escape");
      return Item::nothing;
    }
    const char c = peek();
    if (const std::string_view items = shorthand_items(c); !items.empty()) {
      ++at_;
      // Case folding would let \w match the Kelvin sign.
      out_ += modes.ignore_case ? "(?-i:[" : "[";
      out_ += items;
      out_ += modes.ignore_case ? "])" : "]";
      return Item::atom;
    }
    if (std::string_view("bBAZzG").find(c) != std::string_view::npos) {
      ++at_;
      out_ += '\\';
      out_ += c;
      return Item::assertion;
    }
    if (c == 'R' || c == 'X' || c == 'K') {
      ++at_;
      out_ += '\\';
      out_ += c;
      return c == 'K' ? Item::assertion : Item::atom;
    }
    if (c == 'p' || c == 'P') {
      out_ += "[" + property() + "]";
      return Item::atom;
    }
    if ((c == 'k' || c == 'g') && (peek(1) == '<' || peek(1) == '\'')) {
      reference(c == 'g');
      return Item::atom;
    }
    if (c >= '1' && c <= '9' && numbered_reference()) return Item::atom;
    if (const auto code = character_escape())
      append_code_point(out_, *code);
    else if (!failed())
      literal();
    return Item::atom;
  }

  // \1: a back-reference when there are so many groups, otherwise an octal character.
  bool numbered_reference() {
    size_t digits = 0;
    uint32_t number = 0;
    while (digits < 4 && is_regex_digit(peek(digits)))
      number = number * 10 + static_cast<uint32_t>(peek(digits++) - '0');
    if (number > 9 && (!learned_ || number > groups_in_all())) return false;
    if (learned_ && number > groups_in_all()) {
      fail("invalid back reference");
      return true;
    }
    if (learned_ && !learned_->names_.empty()) {  // as in Ruby
      fail("a numbered back reference can't be used beside named groups");
      return true;
    }
    at_ += digits;
    out_ += fmt::format("\\g{{{}}}", number);
    return true;
  }

  // \k<name>, \g<name>, with '' too, and numbers, also relative ones.
  void reference(bool call) {
    const char close = peek(1) == '<' ? '>' : '\'';
    const size_t end = in_.find(close, at_ + 2);
    if (end == in_.npos) return fail("group name is not closed");
    const std::string_view name = in_.substr(at_ + 2, end - at_ - 2);
    if (call && name == "0") {
      out_ += "(?R)";
    } else {
      const std::vector<uint32_t> groups = referenced(name);
      if (failed()) return;
      if (call) {
        if (groups.size() > 1) return fail("the called group's name is not unique");
        out_ += fmt::format("(?{})", groups[0]);
      } else {
        // Of groups with one name the last that took part is meant.
        out_ += "(?:";
        for (size_t i = groups.size(); i-- > 0;)
          out_ += fmt::format("\\g{{{}}}{}", groups[i], i ? "|" : ")");
      }
    }
    at_ = end + 1;
  }

  // Of the whole expression. REQUIRES: the second pass.
  uint32_t groups_in_all() const {
    return learned_->names_.empty() ? learned_->groups_
                                    : static_cast<uint32_t>(learned_->names_.size());
  }

  // The numbers of the groups that a name or a number (1, -1) refers to; never empty.
  std::vector<uint32_t> referenced(std::string_view name) {
    if (!learned_) return {1};  // the first pass
    std::vector<uint32_t> groups;
    if (const auto number = parse_integer(name)) {
      const int64_t group = *number < 0 ? int64_t{groups_} + 1 + *number : *number;
      if (group >= 1 && group <= int64_t{groups_in_all()})
        groups.push_back(static_cast<uint32_t>(group));
    } else {
      // Numbers as this pass will give them: the named groups alone, in order.
      for (uint32_t i = 0; i < learned_->names_.size(); ++i)
        if (learned_->names_[i].name == name) groups.push_back(i + 1);
    }
    if (groups.empty()) fail(fmt::format("undefined group `{}` is referenced", name));
    return groups;
  }

  bool ignore_case_;
  const Translator* learned_;  // the first pass; null during it
  std::string out_;
  std::vector<RegexGroupName> names_;
  uint32_t groups_ = 0;
};

}  // namespace

Result<TranslatedRegex> translate_ruby_regex(std::string_view pattern, bool ignore_case) {
  const auto wrong = [](std::string message) {
    return Error{Errc::bad_config, std::move(message), {}};
  };
  if (pattern.size() > kPatternBytesMax) return wrong("the expression is too long");
  if (!is_utf8(pattern)) return wrong("the expression is not well-formed UTF-8");
  Translator first(pattern, ignore_case, nullptr);
  if (!first.run()) return wrong(first.error());
  Translator second(pattern, ignore_case, &first);
  if (!second.run()) return wrong(second.error());
  return TranslatedRegex{second.take(), second.names()};
}

}  // namespace penstock
