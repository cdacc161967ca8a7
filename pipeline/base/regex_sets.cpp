#include "pipeline/base/regex_sets.h"

#include <fmt/format.h>

namespace penstock {
namespace {

constexpr unsigned kSetRetriesMax = 64;

std::string united(const std::string& items, const std::vector<std::string>& nested) {
  if (nested.empty()) return items.empty() ? "(?!)" : "[" + items + "]";
  std::string out = "(?:";
  if (!items.empty()) out += "[" + items + "]|";
  for (size_t i = 0; i < nested.size(); ++i) out += (i ? "|" : "") + nested[i];
  return out + ")";
}

}  // namespace

void RegexSets::finish(Set& out, const std::vector<std::string>& operands,
                       const std::vector<std::string>& nested) {
  std::string all = "(?:";
  for (const std::string& operand : operands) all += "(?=" + operand + ")";
  all += united(out.items, nested) + ")";
  out.expression = out.negated ? "(?:(?!" + all + ")(?s:.))" : all;
  out.simple = false;
}

RegexSets::Set RegexSets::set(unsigned depth) {
  Set out;
  if (depth > kRegexNestingMax) {
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

void RegexSets::set_in_set(unsigned depth, Set& out, std::vector<std::string>& nested) {
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

std::optional<std::string> RegexSets::posix_bracket() {
  if (!starts("[:")) return std::nullopt;
  const size_t end = in_.find(":]", at_ + 2);
  if (end == in_.npos) return std::nullopt;
  std::string_view name = in_.substr(at_ + 2, end - at_ - 2);
  const std::string_view bare = name.starts_with('^') ? name.substr(1) : name;
  if (!is_posix_class(bare)) return std::nullopt;
  at_ = end + 2;
  return fmt::format("[:{}:]", name);
}

void RegexSets::set_item(std::string& items) {
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

std::optional<uint32_t> RegexSets::set_character(std::string& items) {
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

}  // namespace penstock
