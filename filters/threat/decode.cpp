#include "filters/threat/decode.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace penstock::threat {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

struct Entity {
  std::string_view name;
  char byte;
};
// Those that stand for a byte with a meaning in some attack.
constexpr Entity kEntities[] = {
    {"amp", '&'},    {"apos", '\''},  {"ast", '*'},    {"bsol", '\\'},  {"colon", ':'},
    {"comma", ','},  {"commat", '@'}, {"dollar", '$'}, {"equals", '='}, {"excl", '!'},
    {"grave", '`'},  {"gt", '>'},     {"lbrace", '{'}, {"lbrack", '['}, {"lcub", '{'},
    {"lpar", '('},   {"lsqb", '['},   {"lt", '<'},     {"nbsp", ' '},   {"newline", '\n'},
    {"num", '#'},    {"percnt", '%'}, {"period", '.'}, {"plus", '+'},   {"quot", '"'},
    {"rbrace", '}'}, {"rbrack", ']'}, {"rcub", '}'},   {"rpar", ')'},   {"rsqb", ']'},
    {"semi", ';'},   {"sol", '/'},    {"tab", '\t'},   {"verbar", '|'}, {"vert", '|'},
};

// The ASCII character that a code point stands for or looks like to a lenient reader; 0 for none.
char ascii_of(uint32_t code) {
  if (code < 0x80) return static_cast<char>(code);
  if (code >= 0xff01 && code <= 0xff5e) return static_cast<char>(code - 0xff01 + '!');
  switch (code) {
    case 0xa0:
    case 0x2003:
    case 0x3000:
      return ' ';
    case 0x2b9:
    case 0x2bc:
    case 0x2c8:
      return '\'';
    case 0x2ba:
      return '"';
    case 0x2044:
    case 0x2215:
    case 0x29f8:
      return '/';
    case 0x2216:
    case 0x29f5:
      return '\\';
    case 0x2039:
    case 0x3008:
      return '<';
    case 0x203a:
    case 0x3009:
      return '>';
    case 0x3002:
      return '.';
    default:
      return 0;
  }
}

// One layer of one text. Each take_*() reads an escape at at_, appends what it stands for and
// moves on, or leaves all as it is and gives false.
class Layer {
 public:
  Layer(std::string_view text, std::string& out) : text_(text), out_(out) {
    // In a URL or a form a plus is a blank, and there are no other blanks.
    plus_is_blank_ = text.find(' ') == std::string_view::npos;
  }

  bool run() {
    out_.clear();
    out_.reserve(text_.size());
    while (at_ < text_.size()) {
      const size_t plain = plain_size();
      out_.append(text_.data() + at_, plain);
      at_ += plain;
      if (at_ == text_.size()) break;
      if (take())
        changed_ = true;
      else
        out_.push_back(text_[at_++]);
    }
    fold_case(out_);
    return changed_;
  }

 private:
  // Up to the next byte that take() may take.
  size_t plain_size() const {
    static constexpr auto kSpecial = [] {
      std::array<bool, 256> special{};
      for (const char c : {'%', '+', '&', '\\', '\0'}) special[static_cast<uint8_t>(c)] = true;
      for (size_t byte = 0xc0; byte < 256; ++byte) special[byte] = true;
      return special;
    }();
    size_t end = at_;
    while (end < text_.size() && !kSpecial[static_cast<uint8_t>(text_[end])]) ++end;
    return end - at_;
  }

  bool take() {
    switch (text_[at_]) {
      case '%':
        return take_percent();
      case '+':
        return plus_is_blank_ && put_byte(' ', 1);
      case '&':
        return take_entity();
      case '\\':
        return take_backslash();
      case '\0':
        return ++at_, true;
      default:
        return static_cast<uint8_t>(text_[at_]) >= 0xc0 && take_look_alike();
    }
  }

  char peek(size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  bool put_byte(char byte, size_t used) {
    at_ += used;
    if (byte == '\0') return true;
    out_.push_back(byte);
    mend_overlong();
    return true;
  }

  bool put_code(uint32_t code, size_t used) {
    const char ascii = ascii_of(code);
    if (ascii || code == 0) return put_byte(ascii, used);
    at_ += used;
    if (code < 0x800) {
      out_.push_back(static_cast<char>(0xc0 | code >> 6));
    } else {  // planes above are of no interest
      out_.push_back(static_cast<char>(0xe0 | (code >> 12 & 15)));
      out_.push_back(static_cast<char>(0x80 | (code >> 6 & 63)));
    }
    out_.push_back(static_cast<char>(0x80 | (code & 63)));
    return true;
  }

  // The bytes decoded so far may end with an overlong form of an ASCII character, or with UTF-8
  // of a look-alike: put the plain character in its place.
  void mend_overlong() {
    const size_t n = out_.size();
    const auto byte = [&](size_t back) { return static_cast<uint8_t>(out_[n - back]); };
    if (n < 2 || byte(1) < 0x20) return;
    uint32_t code = 0;
    size_t width = 0;
    if (byte(2) == 0xc0 || byte(2) == 0xc1) {  // lenient decoders mask the second byte
      width = 2, code = static_cast<uint32_t>((byte(2) & 1) << 6 | (byte(1) & 0x3f));
    } else if (n >= 3 && byte(3) >= 0xe0 && byte(3) < 0xf0 && (byte(2) & 0xc0) == 0x80) {
      width = 3;
      code = static_cast<uint32_t>((byte(3) & 15) << 12 | (byte(2) & 63) << 6 | (byte(1) & 63));
    } else if (byte(2) == 0xc2 && byte(1) == 0xa0) {
      width = 2, code = 0xa0;
    } else if (n >= 4 && byte(4) == 0xf0 && byte(3) == 0x80) {
      width = 4, code = static_cast<uint32_t>((byte(2) & 1) << 6 | (byte(1) & 63));
    }
    if (width == 0) return;
    const char ascii = ascii_of(code);
    if (!ascii) return;
    out_.resize(n - width);
    out_.push_back(ascii);
  }

  bool take_percent() {
    if (peek(1) == 'u' || peek(1) == 'U') {
      uint32_t code = 0;
      return read_hex(2, 4, code) == 4 && put_code(code, 6);
    }
    const int high = hex_value(peek(1));
    const int low = hex_value(peek(2));
    if (high < 0 || low < 0) return false;
    return put_byte(static_cast<char>(high * 16 + low), 3);
  }

  // At most `digits` hex digits at `ahead`; gives how many there are.
  size_t read_hex(size_t ahead, size_t digits, uint32_t& code) const {
    size_t n = 0;
    while (n < digits && hex_value(peek(ahead + n)) >= 0)
      code = code * 16 + static_cast<uint32_t>(hex_value(peek(ahead + n++)));
    return n;
  }

  bool take_entity() {
    if (peek(1) == '#') return take_numbered_entity();
    size_t size = 0;
    std::array<char, 8> name{};
    while (size < name.size() && ((peek(1 + size) | 0x20) >= 'a' && (peek(1 + size) | 0x20) <= 'z'))
      name[size] = lower(peek(1 + size)), ++size;
    if (peek(1 + size) != ';') return false;
    for (const Entity& entity : kEntities)
      if (entity.name == std::string_view(name.data(), size))
        return put_byte(entity.byte, size + 2);
    return false;
  }

  bool take_numbered_entity() {
    const bool hex = (peek(2) | 0x20) == 'x';
    const size_t first = hex ? 3 : 2;
    uint32_t code = 0;
    size_t n = 0;
    // Any number of leading zeros is allowed in HTML; 16 digits are plenty.
    while (n < 16) {
      const int digit = hex_value(peek(first + n));
      if (digit < 0 || (!hex && digit > 9)) break;
      code = (code * (hex ? 16 : 10) + static_cast<uint32_t>(digit)) & 0xffffff;
      ++n;
    }
    if (n == 0) return false;
    return put_code(code, first + n + (peek(first + n) == ';' ? 1 : 0));
  }

  bool take_backslash() {
    switch (peek(1)) {
      case 'u':
      case 'U':
        return take_unicode_escape();
      case 'x':
      case 'X': {
        uint32_t code = 0;
        return read_hex(2, 2, code) == 2 && put_byte(static_cast<char>(code), 4);
      }
      case 'n':
        return escape_ends(2) && put_byte('\n', 2);
      case 't':
        return escape_ends(2) && put_byte('\t', 2);
      case 'r':
        return escape_ends(2) && put_byte('\r', 2);
      case '"':
        return put_byte('"', 2);
      case '/':
        return put_byte('/', 2);
      case '0':
      case '1':
        return take_octal();
      default:
        return false;
    }
  }

  // "\n" before a letter is as likely part of a Windows path ("..\new").
  bool escape_ends(size_t ahead) const {
    const char next = lower(peek(ahead));
    return !(next >= 'a' && next <= 'z') || at_ == 0 || text_[at_ - 1] == '\\';
  }

  bool take_unicode_escape() {
    uint32_t code = 0;
    if (peek(2) == '{') {
      const size_t n = read_hex(3, 6, code);
      return n > 0 && peek(3 + n) == '}' && put_code(code, 4 + n);
    }
    return read_hex(2, 4, code) == 4 && put_code(code, 6);
  }

  bool take_octal() {
    uint32_t code = 0;
    for (size_t i = 1; i <= 3; ++i) {
      if (peek(i) < '0' || peek(i) > '7') return false;
      code = code * 8 + static_cast<uint32_t>(peek(i) - '0');
    }
    return put_byte(static_cast<char>(code), 4);
  }

  bool take_look_alike() {
    const auto first = static_cast<uint8_t>(peek(0));
    const auto second = static_cast<uint32_t>(peek(1) & 63);
    if (first < 0xe0) {
      const char ascii = ascii_of(static_cast<uint32_t>(first & 31) << 6 | second);
      return ascii && put_byte(ascii, 2);
    }
    if (first >= 0xf0) return false;
    const char ascii = ascii_of(static_cast<uint32_t>(first & 15) << 12 | second << 6 |
                                static_cast<uint32_t>(peek(2) & 63));
    return ascii && put_byte(ascii, 3);
  }

  std::string_view text_;
  std::string& out_;
  size_t at_ = 0;
  bool plus_is_blank_ = false;
  bool changed_ = false;
};

}  // namespace

bool decode_layer(std::string_view text, std::string& out) { return Layer(text, out).run(); }

void fold_case(std::string& text) {
  size_t at = 0;
#ifdef __SSE2__
  for (; at + 16 <= text.size(); at += 16) {
    auto* const place = reinterpret_cast<__m128i*>(text.data() + at);
    const __m128i v = _mm_loadu_si128(place);
    // A signed comparison after A..Z have been moved to the bottom.
    const __m128i upper =
        _mm_cmplt_epi8(_mm_add_epi8(v, _mm_set1_epi8(static_cast<char>(-128 - 'A'))),
                       _mm_set1_epi8(static_cast<char>(-128 + 26)));
    _mm_storeu_si128(place, _mm_or_si128(v, _mm_and_si128(upper, _mm_set1_epi8(0x20))));
  }
#endif
  for (; at < text.size(); ++at) text[at] = lower(text[at]);
}

}  // namespace penstock::threat
