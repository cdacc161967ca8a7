#include "filters/threat/shell.h"

#include <array>
#include <cstdint>
#include <string>

#include "filters/threat/shell_commands.h"

namespace penstock::threat {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r'; }
bool is_word(char c) {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || l == '_' || l == '-' || l == '.';
}

constexpr std::array<bool, 256> make_separators() {
  std::array<bool, 256> table{};
  for (const char c : {';', '|', '&', '`', '$', '\n', '<', '>', '\r'})
    table[static_cast<uint8_t>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kSeparators = make_separators();

class Scan {
 public:
  Scan(std::string_view text, Mode mode) : text_(text), value_(mode == Mode::value) {}

  Signals run() {
    for (size_t i = 0; i < text_.size(); ++i)
      if (kSeparators[static_cast<uint8_t>(text_[i])]) at_separator(i);
    return found_;
  }

 private:
  void add(Signal signal) { found_ |= bit(signal); }
  char peek(size_t at) const { return at < text_.size() ? text_[at] : '\0'; }

  void at_separator(size_t i) {
    const char c = text_[i];
    const char next = peek(i + 1);
    if (c == '$') {
      if (next != '(' || peek(i + 2) == '(') return;
      return at_command(i, i + 2, Signal::shell_substitution);
    }
    if (c == '<' || c == '>') {
      if (next == '(') at_command(i, i + 2, Signal::shell_substitution);
      return;
    }
    if (c == '`') return at_command(i, i + 1, Signal::shell_substitution);
    if ((c == '\n' || c == '\r') && !value_) return;
    size_t begin = i + 1;
    while (begin < text_.size() && (text_[begin] == c || text_[begin] == '&')) ++begin;
    at_command(i, begin, Signal::shell_command);
  }

  // A command may begin at `at`, after the separator at `separator`.
  void at_command(size_t separator, size_t at, Signal signal) {
    const size_t limit = at + 24;
    brace_ = peek(at) == '{';
    while (at < limit &&
           (is_blank(peek(at)) || peek(at) == '{' || peek(at) == '(' || peek(at) == '@' ||
            peek(at) == '!' || (peek(at) == '"' && value_) || (peek(at) == '\'' && value_)))
      ++at;
    if (at < text_.size() && peek(at) == '$') at = skip_variable(at);
    if (begins_no_command(peek(at), peek(at + 1), peek(at + 2))) return;
    size_t end = at;
    const std::string name = read_word(at, end);
    if (name.empty()) return;
    const bool hidden = end - at > name.size() + path_bytes_;
    const ShellCommand* const command = find_shell_command(name);
    if (command == nullptr) {
      if (path_bytes_ > 0 && wildcard_ && value_) add(signal);
      return;
    }
    judge(separator, end, *command, signal, hidden);
  }

  // $IFS, ${IFS}, $9, $@ in front of a word.
  size_t skip_variable(size_t at) const {
    size_t i = at + 1;
    if (peek(i) == '{') {
      const size_t close = text_.substr(i, 32).find('}');
      return close == std::string_view::npos ? at : i + close + 1;
    }
    while (i < at + 8 && is_word(peek(i)) && peek(i) != '.') ++i;
    return i;
  }

  // The word at `at` as a shell sees it: quotes, backslashes and empty variables taken out, the
  // folder before it cut off. `end` is behind it.
  std::string read_word(size_t at, size_t& end) {
    constexpr size_t kWordMax = 64;
    std::string name;
    path_bytes_ = 0;
    wildcard_ = false;
    char quote = 0;
    size_t i = at;
    for (; i < text_.size() && i < at + kWordMax; ++i) {
      const char c = text_[i];
      if (c == '\'' || c == '"') {
        // A quote inside a word, not the end of a quoted value.
        const char next = peek(i + 1);
        if (name.empty() && path_bytes_ == 0 && quote == 0 && !is_word(next)) break;
        if (!is_word(next) && next != c && next != '/' && next != '\'' && next != '"') {
          if (quote) ++i;
          break;
        }
        quote = quote ? 0 : c;
      } else if (c == '\\' && (is_word(peek(i + 1)))) {
        if (name.size() > 1 && name.back() == ':') name.clear();
        continue;
      } else if (c == '^' && is_word(peek(i + 1))) {
        continue;
      } else if (c == '$' && (!name.empty() || path_bytes_ > 0) &&
                 std::string_view("@*?_!-#0123456789").find(peek(i + 1)) !=
                     std::string_view::npos) {
        ++i;
      } else if (c == '$' && peek(i + 1) == '{') {
        break;
      } else if (c == '/') {
        // Folders of commands are absolute or begin with a dot; "FBDV/ps" is none.
        if (path_bytes_ == 0 && !name.empty() && name[0] != '.' && name.back() != ':') {
          name.clear();
          break;
        }
        path_bytes_ = i + 1 - at;
        name.clear();
      } else if ((c == '?' || c == '*' || c == '[' || c == ']') && path_bytes_ > 0) {
        wildcard_ = true;
      } else if (is_word(c)) {
        name.push_back(lower(c));
      } else {
        break;
      }
    }
    end = i;
    // `file=`: the name of a parameter.
    if (peek(i) == '=' || (peek(i) == '[' && peek(i + 1) == ']')) name.clear();
    while (!name.empty() && name.back() == '.') name.pop_back();
    return name;
  }

  // The command's name ends at `end`. Believe it?
  void judge(size_t separator, size_t end, ShellCommand command, Signal signal, bool hidden) {
    size_t after = end;
    bool ifs = false;
    while (is_blank(peek(after))) ++after;
    if (peek(after) == '$' &&
        (lower(peek(after + 1)) == 'i' || peek(after + 1) == '{' || peek(after + 1) == '9'))
      ifs = true;
    if (peek(after) == ',' && after == end && brace_) ifs = true;  // {cat,/etc/passwd}
    const bool ends = after >= text_.size() || is_end(peek(after));
    const bool blank = after > end;
    const bool option =
        blank && (peek(after) == '-' || peek(after) == '/') && is_word(peek(after + 1));
    const bool path = argument_is_path(after);
    const bool redirect = peek(after) == '<' || peek(after) == '>';
    const bool directory = path_bytes_ > 0;
    const char before = separator > 0 ? text_[separator - 1] : '\0';
    const bool tight = separator == 0 || !is_blank(before);
    const bool substitution = signal == Signal::shell_substitution;
    bool sure = false;
    switch (command) {
      case ShellCommand::sure:
        sure = value_ ? true : (blank || ends);
        break;
      case ShellCommand::short_:
        sure = value_ ? (ends || option || path || redirect || ifs ||
                         (blank && quoted_or_named(after)))
                      : (option || path);
        break;
      case ShellCommand::word:
        sure =
            (value_ ? (ifs || option || path || redirect || (blank && argument_is_number(after)) ||
                       (blank && argument_is_host(after)) || (blank && quoted(after)) || directory)
                    : path && (option || sensitive(after)));
        break;
    }
    if (hidden && (value_ || path)) sure = true;
    if (ifs && (path || value_)) sure = true;
    if (directory && value_ && (ends || blank || ifs)) sure = true;
    if (!value_) {
      // Prose and logs: markdown's `ls -la`, tables "id | name", "a; find b".
      if (text_[separator] == '`') return;
      if (!(sure && (path || (directory && option) || sensitive(after)) &&
            (tight || substitution || sensitive(after))))
        return;
      return add(sensitive(after) ? signal : Signal::shell_weak);
    }
    if (sure) return add(signal);
    if (command != ShellCommand::word && blank) return add(Signal::shell_weak);
    if (substitution && ends && (text_[separator] != '`' || closes_backtick(after)))
      return add(signal);
    if (command == ShellCommand::word && ends && tight && text_[separator] != '&' && before != ' ')
      add(Signal::shell_weak);
    if (command == ShellCommand::word && blank && text_[separator] != '&' &&
        (separator == 0 || peek(separator + 1) == text_[separator]))
      add(Signal::shell_weak);
  }

  bool closes_backtick(size_t at) const { return peek(at) == '`'; }

  static bool is_end(char c) {
    return c == ';' || c == '|' || c == '&' || c == '`' || c == ')' || c == '\n' || c == '#' ||
           c == '"' || c == '\'' || c == '}' || c == '\0' || c == '\\' || c == '\r' || c == '%';
  }

  bool quoted(size_t at) const {
    return peek(at) == '"' || peek(at) == '\'' || peek(at) == '$' || peek(at) == '`';
  }
  bool quoted_or_named(size_t at) const {
    if (quoted(at) || peek(at) == '.' || peek(at) == '*' || peek(at) == '~') return true;
    return argument_is_host(at) || argument_is_number(at);
  }

  bool argument_is_path(size_t at) const {
    // Within the next words: /x, ./x, ../x, ~/, c:\x, a file with a dot, $HOME.
    const std::string_view rest = text_.substr(at, 96);
    for (size_t i = 0; i + 1 < rest.size(); ++i) {
      const char c = rest[i];
      if (c == ';' || c == '|' || c == '\n') return false;
      const bool start = i == 0 || is_blank(rest[i - 1]) || rest[i - 1] == '}' ||
                         rest[i - 1] == '<' || rest[i - 1] == '>' || rest[i - 1] == '"' ||
                         rest[i - 1] == '\'' || rest[i - 1] == '$' || rest[i - 1] == ',' ||
                         rest[i - 1] == '9';
      if (start && c == '/' &&
          (is_word(rest[i + 1]) || rest[i + 1] == '?' || rest[i + 1] == '*' ||
           rest[i + 1] == '\'' || rest[i + 1] == '"' || rest[i + 1] == '\\' || rest[i + 1] == '$'))
        return true;
      if (start && c == '.' &&
          (rest[i + 1] == '/' || (rest[i + 1] == '.' && i + 2 < rest.size() && rest[i + 2] == '/')))
        return true;
      if (start && c == '~' && rest[i + 1] == '/') return true;
      if (c == ':' && (rest[i + 1] == '\\') && i > 0) return true;
      if (c == '/' && rest[i + 1] == '/' && i > 3 && rest[i - 1] == ':') return true;
      if (c == '%' && rest.substr(i).find('%', 1) != std::string_view::npos && value_) return true;
    }
    return false;
  }

  bool sensitive(size_t at) const {
    const std::string_view rest = text_.substr(at, 128);
    for (const std::string_view path : {"/etc/", "/bin/", "/dev/tcp", "/tmp/", "win.ini", "/var/",
                                        "http://", "https://", "/proc/", "system32"})
      if (rest.find(path) != std::string_view::npos) return true;
    return false;
  }

  bool argument_is_number(size_t at) const {
    size_t i = at;
    if (peek(i) == '-') ++i, i += is_word(peek(i)) ? 1 : 0;
    while (is_blank(peek(i))) ++i;
    if (!(peek(i) >= '0' && peek(i) <= '9')) return false;
    while (is_word(peek(i))) ++i;
    return i >= text_.size() || is_blank(peek(i)) || is_end(peek(i)) || peek(i) == '/';
  }

  // name.name: a host or a file.
  bool argument_is_host(size_t at) const {
    size_t i = at;
    bool dot = false;
    for (; is_word(peek(i)); ++i)
      dot = dot || (peek(i) == '.' && i > at && is_word(peek(i + 1)) && peek(i + 1) != '.');
    return dot;
  }

  std::string_view text_;
  bool value_;
  size_t path_bytes_ = 0;  // of the word last read: its folder
  bool wildcard_ = false;
  bool brace_ = false;  // {command,argument}
  Signals found_ = 0;
};

}  // namespace

Signals find_shell(std::string_view text, Mode mode) { return Scan(text, mode).run(); }

}  // namespace penstock::threat
