#include "codecs/cef/message.h"

#include <algorithm>
#include <cstring>

namespace penstock::cef {
namespace {

constexpr std::string_view kPrefix = "CEF:";
constexpr std::string_view kSpace = " \t\r\n\f\v";
constexpr size_t kNone = std::string_view::npos;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_digit(c) || c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z'); }

// word, then .part any number of times, then [digits] perhaps.
bool is_key(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && is_word(text[at])) ++at;
  if (at == 0) return false;
  while (at < text.size() && text[at] == '.') {
    const size_t end = std::min(text.find_first_of(".|\\[]", at + 1), text.size());
    if (end == at + 1) return false;
    at = end;
  }
  if (at < text.size() && text[at] == '[') {
    const size_t digits = at + 1;
    for (at = digits; at < text.size() && is_digit(text[at]);) ++at;
    if (at == digits || at == text.size() || text[at] != ']') return false;
    ++at;
  }
  return at == text.size();
}

// Without the backslash of each escape that `meaning` knows (0: no escape).
template <class Meaning>
std::string_view unescaped(std::string_view text, Arena& arena, Meaning meaning) {
  size_t at = text.find('\\');
  if (at == kNone) [[likely]]
    return text;
  auto* const out = static_cast<char*>(arena.allocate(text.size(), 1));
  std::memcpy(out, text.data(), at);
  size_t size = at;
  while (at < text.size()) {
    const char plain = text[at] == '\\' && at + 1 < text.size() ? meaning(text[at + 1]) : '\0';
    out[size++] = plain ? plain : text[at];
    at += plain ? 2 : 1;
  }
  arena.shrink_to(out + size);
  return {out, size};
}

char header_escape(char c) { return c == '\\' || c == '|' ? c : '\0'; }
char extension_escape(char c) {
  if (c == 'n') return '\n';
  if (c == 'r') return '\r';
  return c == '\\' || c == '=' ? c : '\0';
}

// The end of a header field: the first pipe without a backslash. Where there is none, the last
// escaped pipe ends it after all (as Logstash's pattern has it).
size_t header_end(std::string_view text) {
  size_t last_escaped = kNone;
  for (size_t at = 0; at < text.size(); ++at) {
    at = text.find_first_of("|\\", at);
    if (at == kNone) break;
    if (text[at] == '|') return at;
    if (at + 1 < text.size() && header_escape(text[at + 1])) {
      ++at;
      if (text[at] == '|') last_escaped = at;
    }
  }
  return last_escaped;
}

std::string_view chomp(std::string_view text) {
  if (text.ends_with("\r\n")) return text.substr(0, text.size() - 2);
  if (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

// As Ruby's strip: white space, and null bytes at the end.
std::string_view strip(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  while (!text.empty() && (is_space(text.back()) || text.back() == '\0')) text.remove_suffix(1);
  return text;
}

bool parse_header(std::string_view& rest, Arena& arena, Message& out) {
  for (std::string_view& field : out.header) {
    const size_t end = header_end(rest);
    if (end == kNone) return false;
    field = unescaped(rest.substr(0, end), arena, header_escape);
    rest.remove_prefix(end + 1);
  }
  std::string_view& version = out.header[0];
  const size_t space = version.rfind(' ');
  out.has_syslog = space != kNone;
  out.syslog = out.has_syslog ? version.substr(0, space) : std::string_view();
  if (out.has_syslog) version.remove_prefix(space + 1);
  if (version.starts_with(kPrefix)) version.remove_prefix(kPrefix.size());
  return true;
}

// Where the word begins whose first equals sign is at `equals`; kNone when it isn't the first one.
size_t word_begin(std::string_view text, size_t from, size_t equals) {
  size_t at = equals;
  while (at > from && !is_space(text[at - 1])) {
    --at;
    if (text[at] == '=') return kNone;
  }
  return at;
}

bool parse_extensions(std::string_view text, Arena& arena, Message& out) {
  text = strip(text);
  if (text.empty()) return true;
  size_t equals = text.find('=');
  if (equals == kNone || !is_key(text.substr(0, equals))) return false;
  size_t key = 0;
  while (true) {
    if (out.extensions.size() == kExtensionsMax) return false;
    // The value ends where the white space before the next key begins.
    const size_t value = equals + 1;
    size_t next = kNone, next_equals = value - 1;
    while (next == kNone) {
      next_equals = text.find('=', next_equals + 1);
      if (next_equals == kNone) break;
      const size_t word = word_begin(text, value, next_equals);
      if (word != kNone && word > value && is_key(text.substr(word, next_equals - word)))
        next = word;
    }
    size_t end = next == kNone ? text.size() : next;
    if (next != kNone)
      while (end > value && is_space(text[end - 1])) --end;
    out.extensions.push_back({text.substr(key, equals - key),
                              unescaped(text.substr(value, end - value), arena, extension_escape)});
    if (next == kNone) return true;
    key = next;
    equals = next_equals;
  }
}

}  // namespace

std::string_view without_quotes(std::string_view text) {
  if (!text.starts_with('"')) return text;
  text.remove_prefix(1);
  // The last character, whatever it is.
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80)
    text.remove_suffix(1);
  if (!text.empty()) text.remove_suffix(1);
  return text;
}

bool parse(std::string_view text, Arena& arena, Message& out) {
  out.extensions.clear();
  std::string_view rest = chomp(without_quotes(text));
  if (rest.find('\n') != kNone) return false;
  return parse_header(rest, arena, out) && parse_extensions(rest, arena, out);
}

}  // namespace penstock::cef
