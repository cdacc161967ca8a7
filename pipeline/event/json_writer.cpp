#include "pipeline/event/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace penstock {
namespace {

// What follows the backslash; 'u' means \u00XX, 0 means no escape.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> table{};
  for (size_t i = 0; i < 0x20; ++i) table[i] = 'u';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['"'] = '"';
  table['\\'] = '\\';
  return table;
}
constexpr auto kEscapes = make_escapes();

// The first byte of [at, end) that must be escaped, or end.
const char* find_escape(const char* at, const char* end) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'),
                limit = _mm_set1_epi8(0x1F);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i control = _mm_cmpeq_epi8(_mm_max_epu8(bytes, limit), limit);  // bytes <= 0x1F
    const __m128i special =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
    if (const int mask = _mm_movemask_epi8(_mm_or_si128(control, special)))
      return at + __builtin_ctz(static_cast<unsigned>(mask));
  }
#endif
  while (at < end && !kEscapes[static_cast<unsigned char>(*at)]) ++at;
  return at;
}

void write_number(const Value& value, ByteBuffer& out) {
  if (value.kind == Kind::integer) {
    char* at = out.reserve(24);
    out.commit(static_cast<size_t>(std::to_chars(at, at + 24, value.integer).ptr - at));
  } else if (!std::isfinite(value.real)) {
    out.append("null");  // JSON has no such numbers
  } else {
    std::string text;
    append_real(value.real, text);
    out.append(text);
  }
}

// Eight bytes at once: whether one of them is below 0x20, a quote or a backslash. (The classic
// zero-byte test; a false alarm would only cost the slow path, but there is none.)
bool has_escape(uint64_t word) {
  constexpr uint64_t kOnes = 0x0101010101010101U, kHighs = 0x8080808080808080U;
  const uint64_t quote = word ^ kOnes * '"', backslash = word ^ kOnes * '\\';
  const uint64_t hit = (word - kOnes * 0x20) | (quote - kOnes) | (backslash - kOnes);
  return hit & ~word & kHighs;
}

// A member's name: short, and nearly never in need of an escape.
bool is_clean_name(std::string_view name) {
  const auto word = [&](size_t at) {
    uint64_t out;
    std::memcpy(&out, name.data() + at, sizeof out);
    return out;
  };
  if (name.size() < 8) {
    for (const char c : name)
      if (kEscapes[static_cast<unsigned char>(c)]) return false;
    return true;
  }
  for (size_t at = 0; at + 8 < name.size(); at += 8)
    if (has_escape(word(at))) return false;
  return !has_escape(word(name.size() - 8));
}

void write_name(std::string_view name, ByteBuffer& out) {
  if (!is_clean_name(name)) [[unlikely]] {
    write_json_string(name, out);
    return out.push_back(':');
  }
  char* at = out.reserve(name.size() + 3);
  at[0] = '"';
  if (!name.empty()) std::memcpy(at + 1, name.data(), name.size());
  at[name.size() + 1] = '"';
  at[name.size() + 2] = ':';
  out.commit(name.size() + 3);
}

void write_object(const Value& value, ByteBuffer& out) {
  out.push_back('{');
  bool first = true;
  for (const Member& member : value.entries()) {
    if (!first) out.push_back(',');
    first = false;
    write_name(member.name(), out);
    write_json(member.value, out);
  }
  out.push_back('}');
}

void write_quoted(std::string_view clean, ByteBuffer& out) {
  char* at = out.reserve(clean.size() + 2);
  *at = '"';
  if (!clean.empty()) std::memcpy(at + 1, clean.data(), clean.size());
  at[clean.size() + 1] = '"';
  out.commit(clean.size() + 2);
}

void new_line(ByteBuffer& out, unsigned level) {
  out.push_back('\n');
  for (unsigned i = 0; i < level; ++i) out.append("  ");
}

}  // namespace

void write_json_string(std::string_view text, ByteBuffer& out) {
  const char* at = text.data();
  const char* const end = at + text.size();
  out.push_back('"');
  while (true) {
    const char* stop = find_escape(at, end);
    out.append({at, static_cast<size_t>(stop - at)});
    if (stop == end) break;
    const char escape = kEscapes[static_cast<unsigned char>(*stop)];
    char* to = out.reserve(6);
    to[0] = '\\';
    to[1] = escape;
    if (escape == 'u') {
      constexpr const char* kHex = "0123456789abcdef";
      to[2] = to[3] = '0';
      to[4] = kHex[*stop >> 4];
      to[5] = kHex[*stop & 15];
    }
    out.commit(escape == 'u' ? 6 : 2);
    at = stop + 1;
  }
  out.push_back('"');
}

void write_json(const Value& value, ByteBuffer& out) {
  switch (value.kind) {
    case Kind::null:
      return out.append("null");
    case Kind::boolean:
      return out.append(value.truth() ? "true" : "false");
    case Kind::integer:
    case Kind::real:
      return write_number(value, out);
    case Kind::raw_number:
      return out.append(value.view());
    case Kind::string:
      if (value.flags & Value::kClean) return write_quoted(value.view(), out);
      if (value.flags & Value::kHasRaw) return write_quoted(value.raw_json(), out);
      return write_json_string(value.view(), out);
    case Kind::timestamp: {
      char* at = out.reserve(48);
      at[0] = '"';
      const size_t size = format_instant(value.instant(), at + 1);
      at[size + 1] = '"';
      return out.commit(size + 2);
    }
    case Kind::array:
      out.push_back('[');
      for (uint32_t i = 0; i < value.size; ++i) {
        if (i) out.push_back(',');
        write_json(value.items[i], out);
      }
      return out.push_back(']');
    case Kind::object:
      return write_object(value, out);
  }
}

void write_json_pretty(const Value& value, ByteBuffer& out, unsigned level) {
  if (!value.is_container() || value.size == 0) return write_json(value, out);
  out.push_back(value.is_array() ? '[' : '{');
  for (uint32_t i = 0; i < value.size; ++i) {
    if (i) out.push_back(',');
    new_line(out, level + 1);
    if (value.is_object()) {
      write_json_string(value.members[i].name(), out);
      out.append(": ");
    }
    write_json_pretty(value.is_array() ? value.items[i] : value.members[i].value, out, level + 1);
  }
  new_line(out, level);
  out.push_back(value.is_array() ? ']' : '}');
}

}  // namespace penstock
