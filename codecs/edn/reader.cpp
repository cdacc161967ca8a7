#include "codecs/edn/reader.h"

#include <algorithm>
#include <cmath>

#include "pipeline/base/limits.h"
#include "pipeline/base/text.h"
#include "pipeline/event/unique_members.h"

namespace penstock::edn {
namespace {

bool is_blank(char c) { return c == ' ' || c == ',' || (c >= '\t' && c <= '\r'); }
bool ends_token(char c) {
  return is_blank(c) || std::string_view("()[]{}\";").find(c) != std::string_view::npos;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct NamedCharacter {
  std::string_view name;
  char character;
};
constexpr NamedCharacter kCharacters[] = {{"newline", '\n'},  {"return", '\r'},
                                          {"space", ' '},     {"tab", '\t'},
                                          {"formfeed", '\f'}, {"backspace", '\b'}};

// -12, 12N, 1.5, 1e3, 1.5M; empty when the token is no number.
std::optional<Value> number_of(std::string_view token, Arena& arena) {
  std::string_view digits = token;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  const std::string_view unsigned_part = digits.starts_with('-') ? digits.substr(1) : digits;
  if (unsigned_part.empty() || !is_digit(unsigned_part[0])) return std::nullopt;
  const char suffix = digits.back();
  if (suffix == 'N' || suffix == 'M') digits.remove_suffix(1);
  const bool whole = digits.find_first_not_of("-0123456789") == digits.npos && suffix != 'M';
  if (whole) {
    if (const auto integer = parse_integer(digits)) return Value::of_integer(*integer);
    return Value::raw_number(arena.copy(digits), false);
  }
  const auto real = parse_real(digits);
  return real && std::isfinite(*real) ? std::optional(Value::of_real(*real)) : std::nullopt;
}

// A code point's UTF-8; surrogates become U+FFFD.
char* put_utf8(uint32_t code, char* to) {
  if (code >= 0xD800 && code <= 0xDFFF) code = 0xFFFD;
  if (code < 0x80) {
    *to++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *to++ = static_cast<char>(0xC0 | code >> 6);
    *to++ = static_cast<char>(0x80 | (code & 0x3F));
  } else {
    *to++ = static_cast<char>(0xE0 | code >> 12);
    *to++ = static_cast<char>(0x80 | (code >> 6 & 0x3F));
    *to++ = static_cast<char>(0x80 | (code & 0x3F));
  }
  return to;
}

std::optional<uint32_t> four_digits(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  uint32_t out = 0;
  for (const char c : text.substr(0, 4)) {
    const char lower = static_cast<char>(c | 32);
    if (is_digit(c))
      out = out * 16 + static_cast<uint32_t>(c - '0');
    else if (lower >= 'a' && lower <= 'f')
      out = out * 16 + static_cast<uint32_t>(lower - 'a' + 10);
    else
      return std::nullopt;
  }
  return out;
}

}  // namespace

bool Reader::read(std::string_view text, Arena& arena, Value& out) {
  rest_ = text;
  arena_ = &arena;
  left_ = kValuesMax;
  members_.clear();
  items_.clear();
  return skip_blanks(0) && value(out, 0);
}

// White space, commas, comments and discarded values. False when one of those is none.
bool Reader::skip_blanks(uint32_t depth) {
  while (!rest_.empty()) {
    if (is_blank(rest_[0])) {
      rest_.remove_prefix(1);
    } else if (rest_[0] == ';') {
      rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
    } else if (rest_.starts_with("#_")) {
      rest_.remove_prefix(2);
      Value discarded;
      if (depth >= limits::kDepthMax || !skip_blanks(depth + 1) || !value(discarded, depth + 1))
        return false;
    } else {
      break;
    }
  }
  return true;
}

// REQUIRES: blanks are skipped.
bool Reader::value(Value& out, uint32_t depth) {
  if (rest_.empty() || left_ == 0 || depth >= limits::kDepthMax) return false;
  --left_;
  const char first = rest_[0];
  if (first == '"') return text(out);
  if (first == '\\') return character(out);
  if (first != '{' && first != '[' && first != '(' && first != '#') return atom(out);
  rest_.remove_prefix(1);
  if (first == '{') return map(out, depth);
  if (first == '#') return dispatch(out, depth);
  return sequence(first == '[' ? ']' : ')', out, depth);
}

bool Reader::dispatch(Value& out, uint32_t depth) {
  if (!rest_.starts_with('{')) return tagged(out, depth);
  rest_.remove_prefix(1);
  return sequence('}', out, depth);
}

bool Reader::tagged(Value& out, uint32_t depth) {
  const std::string_view tag = token();
  if (tag.empty() || !skip_blanks(depth) || !value(out, depth + 1)) return false;
  if (tag != "inst") return true;
  const auto instant = out.is_string() ? parse_instant(out.view()) : std::nullopt;
  if (instant) out = Value::timestamp(*instant);
  return instant.has_value();
}

bool Reader::sequence(char close, Value& out, uint32_t depth) {
  const size_t first = items_.size();
  while (true) {
    if (!skip_blanks(depth) || rest_.empty()) return false;
    if (rest_[0] == close) break;
    Value item;
    if (!value(item, depth + 1)) return false;
    items_.push_back(item);
  }
  rest_.remove_prefix(1);
  const size_t size = items_.size() - first;
  out = Value::array();
  out.size = static_cast<uint32_t>(size);
  out.items = arena_->allocate_array<Value>(size);
  std::copy(items_.begin() + static_cast<std::ptrdiff_t>(first), items_.end(), out.items);
  items_.resize(first);
  return true;
}

bool Reader::map(Value& out, uint32_t depth) {
  const size_t first = members_.size();
  while (true) {
    if (!skip_blanks(depth) || rest_.empty()) return false;
    if (rest_[0] == '}') break;
    Value name;
    Member member;
    if (!value(name, depth + 1) || name.is_container() || !skip_blanks(depth) ||
        !value(member.value, depth + 1))
      return false;
    const std::string_view text = name.is_string() ? name.view() : arena_->copy(to_text(name));
    member.name_text = text.data();
    member.name_size = static_cast<uint32_t>(text.size());
    member.hash = hash_name(text);
    members_.push_back(member);
  }
  rest_.remove_prefix(1);
  out = make_object(*arena_, std::span(members_).subspan(first), depth == 0);
  members_.resize(first);
  return true;
}

bool Reader::text(Value& out) {
  rest_.remove_prefix(1);
  const size_t stop = rest_.find_first_of("\"\\");
  if (stop == rest_.npos) return false;
  if (rest_[stop] == '"') {
    out = Value::string(rest_.substr(0, stop));
    rest_.remove_prefix(stop + 1);
    return true;
  }
  // An escape is never shorter than what it stands for. The end first, so that no more is asked
  // for.
  size_t end = stop;
  while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
  if (end >= rest_.size()) return false;
  char* const begin = static_cast<char*>(arena_->allocate(end, 1));
  char* to = begin;
  const char* const last = rest_.data() + end;
  while (rest_.data() < last) {
    if (rest_[0] == '\\') {
      if (!escape(to)) return false;
    } else {
      *to++ = rest_[0];
      rest_.remove_prefix(1);
    }
  }
  if (rest_.data() != last) return false;
  rest_.remove_prefix(1);
  out = Value::string({begin, static_cast<size_t>(to - begin)});
  return true;
}

bool Reader::escape(char*& to) {
  constexpr std::string_view kNames = "tnrbf\\\"";
  constexpr std::string_view kMeanings = "\t\n\r\b\f\\\"";
  const char c = rest_[1];
  if (const size_t at = kNames.find(c); at != kNames.npos) {
    *to++ = kMeanings[at];
    rest_.remove_prefix(2);
    return true;
  }
  const auto code = c == 'u' ? four_digits(rest_.substr(2)) : std::nullopt;
  if (!code) return false;
  to = put_utf8(*code, to);
  rest_.remove_prefix(6);
  return true;
}

bool Reader::character(Value& out) {
  rest_.remove_prefix(1);
  if (rest_.empty()) return false;
  std::string_view name = rest_.substr(0, 1);
  if (ends_token(name[0]))
    rest_.remove_prefix(1);
  else
    name = token();
  char utf8[4];
  const auto code = name.size() == 5 && name[0] == 'u' ? four_digits(name.substr(1)) : std::nullopt;
  if (code) name = {utf8, static_cast<size_t>(put_utf8(*code, utf8) - utf8)};
  for (const NamedCharacter& known : kCharacters)
    if (name == known.name) name = {&known.character, 1};
  out = Value::string(arena_->copy(name));
  return true;
}

std::string_view Reader::token() {
  size_t size = 0;
  while (size < rest_.size() && !ends_token(rest_[size])) ++size;
  const std::string_view out = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return out;
}

bool Reader::atom(Value& out) {
  std::string_view name = token();
  if (name.empty()) return false;
  if (name == "nil") {
    out = Value::null();
  } else if (name == "true" || name == "false") {
    out = Value::boolean(name == "true");
  } else if (const auto number = number_of(name, *arena_)) {
    out = *number;
  } else {
    const bool signed_digit = (name[0] == '-' || name[0] == '+') && name.size() > 1;
    if (is_digit(name[0]) || (signed_digit && is_digit(name[1]))) return false;
    if (name[0] == ':') name.remove_prefix(1);
    out = Value::string(name);
  }
  return true;
}

namespace {

void write_text(std::string_view text, ByteBuffer& out) {
  constexpr std::string_view kPlain = "\"\\\n\r\t\f\b";
  constexpr std::string_view kEscaped = "\"\\nrtfb";
  out.push_back('"');
  for (const char c : text) {
    const size_t at = kPlain.find(c);
    if (at != kPlain.npos) out.push_back('\\');
    out.push_back(at == kPlain.npos ? c : kEscaped[at]);
  }
  out.push_back('"');
}

}  // namespace

// Recursion is bounded by the depth of events (limits::kDepthMax).
void write(const Value& value, ByteBuffer& out) {
  if (value.is_null()) return out.append("nil");
  if (value.is_string()) return write_text(value.view(), out);
  if (value.kind == Kind::timestamp) return write_text(to_text(value), out);
  if (!value.is_container()) return out.append(to_text(value));
  out.push_back(value.is_array() ? '[' : '{');
  for (uint32_t i = 0; i < value.size; ++i) {
    if (i) out.append(value.is_array() ? " " : ", ");
    if (value.is_object()) {
      write_text(value.members[i].name(), out);
      out.push_back(' ');
    }
    write(value.is_array() ? value.items[i] : value.members[i].value, out);
  }
  out.push_back(value.is_array() ? ']' : '}');
}

}  // namespace penstock::edn
