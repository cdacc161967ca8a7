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
#include <array>
#include <optional>

#include "pipeline/base/text.h"

namespace penstock {
namespace {

constexpr unsigned kNestingMax = 200;           // PCRE2's own limit is 250
constexpr unsigned kSetRetriesMax = 64;
constexpr size_t kPatternBytesMax = 256 << 10;  // an expanded grok pattern is a few 10 kB at most

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What the escapes \d \w \s \h stand for inside of a set, and what their capitals do.
struct Shorthand {
  char letter;
  std::string_view items;
  std::string_view complement;
};
constexpr Shorthand kShorthands[] = {
    {'d', "0-9", "\\x00-\\x2f\\x3a-\\x{10ffff}"},
    {'w', "0-9A-Z_a-z", "\\x00-\\x2f\\x3a-\\x40\\x5b-\\x5e\\x60\\x7b-\\x{10ffff}"},
    {'s', "\\x09-\\x0d\\x20", "\\x00-\\x08\\x0e-\\x1f\\x21-\\x{10ffff}"},
    {'h', "0-9A-Fa-f", "\\x00-\\x2f\\x3a-\\x40\\x47-\\x60\\x67-\\x{10ffff}"},
};

std::string_view shorthand_items(char c) {
  for (const Shorthand& shorthand : kShorthands) {
    if (c == shorthand.letter) return shorthand.items;
    if (c + 32 == shorthand.letter) return shorthand.complement;
  }
  return {};
}

// Names of \p{} that are POSIX brackets in PCRE2 (with PCRE2_UCP: by Unicode).
constexpr std::string_view kPosix[] = {"alnum", "alpha", "ascii", "blank", "cntrl",
                                       "digit", "graph", "lower", "print", "punct",
                                       "space", "upper", "word",  "xdigit"};

void append_code_point(std::string& out, uint32_t code) {
  const char c = static_cast<char>(code);
  if (code < 0x80 && (is_digit(c) || is_letter(c)))
    out += c;
  else
    out += fmt::format("\\x{{{:x}}}", code);
}

class Translator {
 public:
  Translator(std::string_view in, bool ignore_case, const Translator* learned)
      : in_(in), ignore_case_(ignore_case), learned_(learned) {}

  bool run() {
    body(0, {false, ignore_case_});
    if (!failed() && !done()) fail("unmatched close parenthesis");
    return !failed();
  }
  std::string&& take() { return std::move(out_); }
  const std::vector<RegexGroupName>& names() const { return names_; }
  const std::string& error() const { return error_; }

 private:
  struct Modes {
    bool extended, ignore_case;
  };
  enum class Item : uint8_t { nothing, assertion, atom };
  struct Set {
    bool simple = true;  // [items] or [^items]
    bool negated = false;
    std::string items;
    std::string expression;  // when not simple

    std::string text() const { return simple ? (negated ? "[^" : "[") + items + "]" : expression; }
  };

  bool done() const { return at_ >= in_.size(); }
  char peek(size_t ahead = 0) const { return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0'; }
  bool starts(std::string_view text) const { return in_.substr(at_).starts_with(text); }
  bool accept(std::string_view text) {
    if (!starts(text)) return false;
    at_ += text.size();
    return true;
  }
  bool failed() const { return !error_.empty(); }
  void fail(std::string_view why) {
    if (!failed()) error_ = fmt::format("{} (at offset {} of the expression)", why, at_);
    at_ = in_.size();
  }

  // --- groups and sequences ---

  // Up to the closing parenthesis of this group, which stays.
  void body(unsigned depth, Modes modes) {
    if (depth > kNestingMax) return fail("groups are nested too deeply");
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
    if (ascii && !is_digit(c) && !is_letter(c) && !is_blank(c) && c != '_' && c >= 0x20)
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
      while (at < in_.size() && is_digit(in_[at])) ++at;
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
    while (digits < 4 && is_digit(peek(digits)))
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

  // After the backslash: an escape that stands for one character. Empty: none of those.
  std::optional<uint32_t> character_escape() {
    static constexpr std::pair<char, uint32_t> kNamed[] = {
        {'t', 9}, {'n', 10}, {'v', 11}, {'f', 12}, {'r', 13}, {'a', 7}, {'e', 27}};
    const char c = peek();
    for (const auto& [letter, code] : kNamed) {
      if (c != letter) continue;
      ++at_;
      return code;
    }
    if (c == 'x') return hex_escape();
    if (c == 'u') return unicode_escape();
    if (c == 'c' && static_cast<unsigned char>(peek(1)) < 0x80 && at_ + 1 < in_.size()) {
      at_ += 2;
      return static_cast<uint32_t>(in_[at_ - 1] & 0x1F);
    }
    if (c >= '0' && c <= '7') return octal_escape();
    return std::nullopt;
  }

  uint32_t octal_escape() {
    uint32_t code = 0;
    for (int i = 0; i < 3 && peek() >= '0' && peek() <= '7'; ++i)
      code = code * 8 + static_cast<uint32_t>(in_[at_++] - '0');
    return code & 0xFF;
  }

  std::optional<uint32_t> braced_hex(size_t digits_max) {
    uint32_t code = 0;
    size_t digits = 0;
    while (digits < digits_max && hex_value(peek()) >= 0 && !done()) {
      code = code * 16 + static_cast<uint32_t>(hex_value(in_[at_++]));
      ++digits;
    }
    if (!digits || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
      fail("invalid Unicode escape");
      return std::nullopt;
    }
    return code;
  }

  // \xHH are bytes: several above 0x7F make one character.
  std::optional<uint32_t> hex_escape() {
    ++at_;
    if (accept("{")) {
      const auto code = braced_hex(8);
      if (!failed() && !accept("}")) fail("invalid hex escape");
      return code;
    }
    if (hex_value(peek()) < 0 || done()) {
      fail("invalid hex escape");
      return std::nullopt;
    }
    std::string bytes;
    for (;;) {
      int byte = hex_value(in_[at_++]);
      if (hex_value(peek()) >= 0 && !done()) byte = byte * 16 + hex_value(in_[at_++]);
      bytes += static_cast<char>(byte);
      if (byte < 0x80 || is_utf8(bytes)) break;
      if (bytes.size() == 4 || !starts("\\x") || hex_value(peek(2)) < 0) {
        fail("invalid multibyte escape");
        return std::nullopt;
      }
      at_ += 2;
    }
    return decoded(bytes);
  }

  static uint32_t decoded(std::string_view bytes) {
    const auto first = static_cast<unsigned char>(bytes[0]);
    if (bytes.size() == 1) return first;
    uint32_t code = first & (0xFFU >> (bytes.size() + 1));
    for (size_t i = 1; i < bytes.size(); ++i)
      code = code << 6 | (static_cast<unsigned char>(bytes[i]) & 0x3FU);
    return code;
  }

  std::optional<uint32_t> unicode_escape() {
    ++at_;
    const bool braces = accept("{");
    const auto code = braced_hex(braces ? 8 : 4);
    if (braces && !failed() && !accept("}")) fail("invalid Unicode escape");
    return code;
  }

  // \p{Alpha}, \p{^Alpha}, \P{Alpha}: as it is written inside of brackets.
  std::string property() {
    const bool capital = peek() == 'P';
    if (peek(1) != '{') {
      fail("invalid character property");
      return "";
    }
    const size_t end = in_.find('}', at_);
    if (end == in_.npos) {
      fail("invalid character property");
      return "";
    }
    std::string_view name = in_.substr(at_ + 2, end - at_ - 2);
    bool negated = capital;
    if (name.starts_with('^')) {
      negated = !negated;
      name.remove_prefix(1);
    }
    std::string lower = to_lower_ascii(name);
    std::erase_if(lower, [](char c) { return c == ' ' || c == '_' || c == '-'; });
    at_ = end + 1;
    if (lower == "any") return negated ? "\\P{Any}" : "\\p{Any}";
    if (std::find(std::begin(kPosix), std::end(kPosix), lower) != std::end(kPosix))
      return fmt::format("[:{}{}:]", negated ? "^" : "", lower);
    return fmt::format("\\{}{{{}}}", negated ? 'P' : 'p', property_name(lower));
  }

  // Ruby takes general categories and scripts in any case and in long form; PCRE2 10.42 takes
  // scripts in any case, categories only short and exact.
  static std::string property_name(const std::string& lower) {
    static constexpr std::pair<std::string_view, std::string_view> kLong[] = {
        {"letter", "L"},
        {"uppercaseletter", "Lu"},
        {"lowercaseletter", "Ll"},
        {"titlecaseletter", "Lt"},
        {"modifierletter", "Lm"},
        {"otherletter", "Lo"},
        {"mark", "M"},
        {"number", "N"},
        {"decimalnumber", "Nd"},
        {"letternumber", "Nl"},
        {"othernumber", "No"},
        {"punctuation", "P"},
        {"symbol", "S"},
        {"mathsymbol", "Sm"},
        {"currencysymbol", "Sc"},
        {"separator", "Z"},
        {"spaceseparator", "Zs"},
        {"control", "Cc"},
        {"other", "C"},
        {"alphabetic", "L"},
        {"uppercase", "Lu"},
        {"lowercase", "Ll"}};
    for (const auto& [from, to] : kLong)
      if (lower == from) return std::string(to);
    std::string name = lower;
    if (!name.empty() && name.size() <= 2) name[0] = static_cast<char>(name[0] - 32);
    return name;
  }

  // --- sets ---

  // After "[": up to and with the closing bracket.
  Set set(unsigned depth) {
    Set out;
    if (depth > kNestingMax) {
      fail("sets are nested too deeply");
      return out;
    }
    out.negated = accept("^");
    std::vector<std::string> operands;  // of &&
    std::vector<std::string> nested;    // more alternatives beside out.items
    const size_t first = at_;
    while (!failed()) {
      if (done()) {
        fail("premature end of a character set");
        return out;
      }
      // A bracket that comes first is a character, if the set is closed later.
      if (peek() == ']' && (at_ != first || in_.find(']', at_ + 1) == in_.npos)) break;
      if (accept("&&")) {
        operands.push_back(united(out.items, nested));
        out.items.clear();
        nested.clear();
      } else if (peek() == '[') {
        set_in_set(depth, out, nested);
      } else {
        set_item(out.items);
      }
    }
    if (!accept("]")) return out;
    if (operands.empty() && nested.empty()) {
      if (out.items.empty()) fail("empty character set");
      return out;
    }
    finish(out, operands, nested);
    return out;
  }

  static std::string united(const std::string& items, const std::vector<std::string>& nested) {
    if (nested.empty()) return items.empty() ? "(?!)" : "[" + items + "]";
    std::string out = "(?:";
    if (!items.empty()) out += "[" + items + "]|";
    for (size_t i = 0; i < nested.size(); ++i) out += (i ? "|" : "") + nested[i];
    return out + ")";
  }

  static void finish(Set& out, const std::vector<std::string>& operands,
                     const std::vector<std::string>& nested) {
    std::string all = "(?:";
    for (const std::string& operand : operands) all += "(?=" + operand + ")";
    all += united(out.items, nested) + ")";
    out.expression = out.negated ? "(?:(?!" + all + ")(?s:.))" : all;
    out.simple = false;
  }

  void set_in_set(unsigned depth, Set& out, std::vector<std::string>& nested) {
    if (const auto posix = posix_bracket()) {
      out.items += *posix;
      return;
    }
    const size_t from = at_;
    ++at_;
    const Set inner = set(depth + 1);
    // Not closed: Ruby refuses it, but people who know Perl write [^[]. Each such bracket is read
    // twice, so many of them nested would take for ever.
    if (failed() && ++set_retries_ > kSetRetriesMax) return;
    if (failed()) {
      error_.clear();
      at_ = from + 1;
      out.items += "\\[";
    } else if (inner.simple && !inner.negated) {
      out.items += inner.items;
    } else {
      nested.push_back(inner.text());
    }
  }

  std::optional<std::string> posix_bracket() {
    if (!starts("[:")) return std::nullopt;
    const size_t end = in_.find(":]", at_ + 2);
    if (end == in_.npos) return std::nullopt;
    std::string_view name = in_.substr(at_ + 2, end - at_ - 2);
    const std::string_view bare = name.starts_with('^') ? name.substr(1) : name;
    if (std::find(std::begin(kPosix), std::end(kPosix), bare) == std::end(kPosix))
      return std::nullopt;
    at_ = end + 2;
    return fmt::format("[:{}:]", name);
  }

  // One character, a range, or an escape that stands for a set.
  void set_item(std::string& items) {
    const auto low = set_character(items);
    if (!low) return;
    append_code_point(items, *low);
    if (peek() != '-' || peek(1) == ']' || at_ + 1 >= in_.size()) return;
    if (peek(1) == '[' || in_.substr(at_ + 1).starts_with("&&")) return;  // "-" is a character
    ++at_;
    std::string set_items;
    const auto high = set_character(set_items);
    if (!high) {  // [a-\d]: the hyphen is a character
      items += "\\-" + set_items;
      return;
    }
    if (*high < *low) return fail("empty range in a character set");
    items += '-';
    append_code_point(items, *high);
  }

  // Empty: it was a set, written to `items`.
  std::optional<uint32_t> set_character(std::string& items) {
    if (peek() != '\\') return next_code_point();
    ++at_;
    if (done()) {
      fail("premature end of a character set");
      return std::nullopt;
    }
    const char c = peek();
    if (const std::string_view shorthand = shorthand_items(c); !shorthand.empty()) {
      ++at_;
      items += shorthand;
      return std::nullopt;
    }
    if (c == 'p' || c == 'P') {
      items += property();
      return std::nullopt;
    }
    if (c == 'b') {
      ++at_;
      return 8;
    }
    if (const auto code = character_escape()) return code;
    if (failed()) return std::nullopt;
    return next_code_point();
  }

  uint32_t next_code_point() {
    size_t length = 1;
    while (at_ + length < in_.size() && (in_[at_ + length] & 0xC0) == 0x80) ++length;
    at_ += length;
    return decoded(in_.substr(at_ - length, length));
  }

  std::string_view in_;
  bool ignore_case_;
  const Translator* learned_;  // the first pass; null during it
  size_t at_ = 0;
  std::string out_;
  std::string error_;
  unsigned set_retries_ = 0;
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
