#include "pipeline/base/regex_literals.h"

#include <algorithm>
#include <optional>

namespace penstock {
namespace {

constexpr size_t kAlternativesMax = 64;  // of one expression
constexpr unsigned kNestingMax = 200;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// A set of literals, one of which is needed; better is one whose shortest is longer.
using Needed = std::vector<std::string>;
size_t worth(const Needed& needed) {
  size_t shortest = needed.empty() ? 0 : 1000;
  for (const std::string& text : needed) shortest = std::min(shortest, text.size());
  return shortest;
}

class Finder {
 public:
  Finder(std::string_view regex, bool lowered) : in_(regex), lowered_(lowered) {}
  Needed run() {
    Needed out = alternatives(0);
    return at_ == in_.size() && !gave_up_ ? out : Needed{};  // something wasn't understood
  }

 private:
  bool done() const { return at_ >= in_.size(); }
  char peek() const { return done() ? '\0' : in_[at_]; }

  Needed alternatives(unsigned depth) {
    Needed all = sequence(depth);
    bool sure = !all.empty();
    while (peek() == '|') {
      ++at_;
      const Needed next = sequence(depth);
      sure = sure && !next.empty();
      all.insert(all.end(), next.begin(), next.end());
    }
    if (!sure || all.size() > kAlternativesMax) return {};
    return all;
  }

  // Up to the next | or ) of this level.
  Needed sequence(unsigned depth) {
    Needed best;
    std::string run;
    const auto end_run = [&] {
      if (run.size() >= kRequiredLettersMin && run.size() > worth(best)) best = {run};
      run.clear();
    };
    while (!done() && peek() != '|' && peek() != ')') {
      if (peek() == '(') {
        end_run();
        const Needed inner = group(depth);
        if (!optional() && worth(inner) > worth(best)) best = inner;
        skip_quantifier();
        continue;
      }
      const std::optional<char> letter = element();
      const bool maybe = optional(), repeated = is_quantifier();
      skip_quantifier();
      if (letter && !maybe) run += lowered_ ? lower(*letter) : *letter;
      if (!letter || maybe || repeated) end_run();
    }
    end_run();
    return best;
  }

  Needed group(unsigned depth) {
    ++at_;
    bool plain = true;  // what is inside must be in the text
    if (peek() == '?') {
      const size_t name = named_group();
      plain = name > 0 || in_.substr(at_, 2) == "?:" || in_.substr(at_, 2) == "?>";
      if (!plain && changes_letters()) give_up();
      at_ += name > 0 ? name : plain ? 2 : 1;
    }
    Needed inner;
    if (depth >= kNestingMax) give_up();
    inner = alternatives(depth + 1);
    if (peek() == ')') ++at_;
    return plain ? inner : Needed{};
  }

  // The length of "?<name>", 0 when it is something else.
  size_t named_group() const {
    const std::string_view rest = in_.substr(at_);
    if (!rest.starts_with("?<") || rest.starts_with("?<=") || rest.starts_with("?<!")) return 0;
    const size_t end = rest.find('>');
    return end == rest.npos ? 0 : end + 1;
  }

  // (?i) or (?x): letters don't mean just themselves any more.
  bool changes_letters() const {
    for (size_t i = at_ + 1; i < in_.size(); ++i) {
      const char c = in_[i];
      if ((c == 'i' && !lowered_) || c == 'x') return true;
      if (c != '-' && !(c >= 'a' && c <= 'z')) return false;
    }
    return false;
  }

  void give_up() {
    at_ = in_.size();
    gave_up_ = true;
  }

  // One letter, set or escape. The letter, when it is just one.
  std::optional<char> element() {
    const char c = in_[at_++];
    if (c == '[') {
      skip_set();
      return std::nullopt;
    }
    if (c == '\\') {
      const char escaped = peek();
      if (!done()) ++at_;
      const bool punctuation = escaped > ' ' && escaped < 0x7F &&
                               !(escaped >= '0' && escaped <= '9') &&
                               !(lower(escaped) >= 'a' && lower(escaped) <= 'z');
      if (punctuation) return escaped;
      // \x41, \p{...}, \Q...\E and the like: letters that aren't meant as such may follow.
      if (std::string_view("dDwWsShHbBAzZtnr").find(escaped) == std::string_view::npos) give_up();
      return std::nullopt;
    }
    if (c == '.' || c == '^' || c == '$' || c < ' ' || c >= 0x7F) return std::nullopt;
    return c;
  }

  // Past a set. Sets in sets, which only Ruby has, are not understood.
  void skip_set() {
    if (peek() == '^') ++at_;
    if (peek() == ']') ++at_;
    while (!done() && peek() != ']') {
      if (in_.substr(at_, 2) == "[:") {
        const size_t end = in_.find(":]", at_);
        if (end == in_.npos) return give_up();
        at_ = end + 2;
      } else if (peek() == '[') {
        return give_up();
      } else {
        at_ += peek() == '\\' ? 2 : 1;
      }
    }
    ++at_;
  }

  bool is_interval() const {
    if (peek() != '{' || at_ + 1 >= in_.size()) return false;
    return in_[at_ + 1] == ',' || (in_[at_ + 1] >= '0' && in_[at_ + 1] <= '9');
  }
  bool is_quantifier() const {
    return peek() == '?' || peek() == '*' || peek() == '+' || is_interval();
  }
  bool optional() const {
    return peek() == '?' || peek() == '*' ||
           (is_interval() && (in_[at_ + 1] == '0' || in_[at_ + 1] == ','));
  }
  void skip_quantifier() {
    while (is_quantifier()) {
      if (peek() == '{') at_ = std::min(in_.find('}', at_), in_.size());
      ++at_;
    }
  }

  std::string_view in_;
  bool lowered_;
  bool gave_up_ = false;
  size_t at_ = 0;
};

}  // namespace

std::vector<std::string> required_literals(std::string_view regex, bool lowered) {
  return Finder(regex, lowered).run();
}

}  // namespace penstock
