#include "pipeline/event/json_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "pipeline/base/limits.h"

namespace penstock {
namespace {

// Objects up to this size find duplicate keys by looking back; larger ones sort.
constexpr size_t kSmallObject = 64;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 8259 number grammar over the whole of `text`.
bool valid_number(std::string_view text, bool& fraction) {
  const char *at = text.data(), *end = at + text.size();
  const auto digits = [&] {
    const char* from = at;
    while (at < end && is_digit(*at)) ++at;
    return at > from;
  };
  if (at < end && *at == '-') ++at;
  const bool zero = at < end && *at == '0';
  const char* whole = at;
  if (!digits() || (zero && at - whole > 1)) return false;
  if (at < end && *at == '.') {
    fraction = true;
    ++at;
    if (!digits()) return false;
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    fraction = true;
    ++at;
    if (at < end && (*at == '+' || *at == '-')) ++at;
    if (!digits()) return false;
  }
  return at == end;
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Four hex digits at `at`; -1 when they aren't.
int32_t code_unit(const char* at, const char* end) {
  if (end - at < 4) return -1;
  int32_t unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(at[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

char* put_utf8(char* to, uint32_t point) {
  if (point < 0x80) {
    *to++ = static_cast<char>(point);
  } else if (point < 0x800) {
    *to++ = static_cast<char>(0xC0 | point >> 6);
    *to++ = static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    *to++ = static_cast<char>(0xE0 | point >> 12);
    *to++ = static_cast<char>(0x80 | (point >> 6 & 0x3F));
    *to++ = static_cast<char>(0x80 | (point & 0x3F));
  } else {
    *to++ = static_cast<char>(0xF0 | point >> 18);
    *to++ = static_cast<char>(0x80 | (point >> 12 & 0x3F));
    *to++ = static_cast<char>(0x80 | (point >> 6 & 0x3F));
    *to++ = static_cast<char>(0x80 | (point & 0x3F));
  }
  return to;
}

// The \u escape whose hex digits start at `at`; pairs of surrogates are joined.
bool unescape_unicode(const char*& at, const char* end, char*& to, bool& lossy) {
  const int32_t unit = code_unit(at, end);
  if (unit < 0) return false;
  at += 4;
  auto point = static_cast<uint32_t>(unit);
  if (point >= 0xD800 && point <= 0xDFFF) {
    const int32_t low =
        end - at >= 6 && at[0] == '\\' && at[1] == 'u' ? code_unit(at + 2, end) : -1;
    if (point < 0xDC00 && low >= 0xDC00 && low <= 0xDFFF) {
      point = 0x10000 + ((point - 0xD800) << 10) + (static_cast<uint32_t>(low) - 0xDC00);
      at += 6;
    } else {
      point = 0xFFFD;
      lossy = true;
    }
  }
  to = put_utf8(to, point);
  return true;
}

// Writes the unescaped `raw` at `to` (which has raw.size() bytes: no escape grows). Null when an
// escape is wrong. `lossy`: the text says less than the raw form did.
char* unescape(std::string_view raw, char* to, bool& lossy) {
  const char *at = raw.data(), *end = at + raw.size();
  while (at < end) {
    const auto* stop =
        static_cast<const char*>(std::memchr(at, '\\', static_cast<size_t>(end - at)));
    const auto plain = static_cast<size_t>((stop ? stop : end) - at);
    std::memcpy(to, at, plain);
    to += plain;
    at += plain;
    if (!stop) break;
    if (end - at < 2) return nullptr;
    const char escape = at[1];
    at += 2;
    switch (escape) {
      case '"':
      case '\\':
      case '/':
        *to++ = escape;
        break;
      case 'b':
        *to++ = '\b';
        break;
      case 'f':
        *to++ = '\f';
        break;
      case 'n':
        *to++ = '\n';
        break;
      case 'r':
        *to++ = '\r';
        break;
      case 't':
        *to++ = '\t';
        break;
      case 'u':
        if (!unescape_unicode(at, end, to, lossy)) return nullptr;
        break;
      default:
        return nullptr;
    }
  }
  return to;
}

}  // namespace

struct JsonReader::Scanner {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;
  size_t capacity = 0;

  Outcome scan(std::string_view text) {
    if (text.size() > limits::kRecordBytesMax) return Outcome::too_large;
    if (text.size() > capacity) {
      capacity = std::max(text.size() * 2, size_t{64} << 10);
      stage.reset();
      const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
          capacity, 1, stage);
      CHECK(error == simdjson::SUCCESS, "no memory for the JSON index");
    }
    const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
    switch (stage->stage1(bytes, text.size(), simdjson::stage1_mode::regular)) {
      case simdjson::SUCCESS:
        return Outcome::ok;
      case simdjson::EMPTY:
        return Outcome::empty;
      case simdjson::UTF8_ERROR:
        return Outcome::invalid_utf8;
      default:
        return Outcome::malformed;
    }
  }
};

// One read: a cursor over the index. Recursion is bounded by limits::kDepthMax.
struct JsonReader::Walk {
  JsonReader& reader;
  Arena& arena;
  const char* base;
  const uint32_t* index;  // positions of tokens
  uint32_t count;
  uint32_t size;  // of the text
  bool any_escape;
  uint32_t next = 0;
  Outcome outcome = Outcome::malformed;

  char peek() const { return next < count ? base[index[next]] : '\0'; }

  // The token that starts at index[next], without the white space after it.
  std::string_view token() {
    const uint32_t from = index[next++];
    uint32_t to = next < count ? index[next] : size;
    while (to > from && is_space(base[to - 1])) --to;
    return {base + from, to - from};
  }

  bool string(Value& out) {
    std::string_view text = token();
    if (text.size() < 2 || text.back() != '"') return false;
    text = text.substr(1, text.size() - 2);
    if (!any_escape || std::memchr(text.data(), '\\', text.size()) == nullptr) {
      out = Value::string(text, Value::kClean);
      return true;
    }
    char* memory =
        static_cast<char*>(arena.allocate(sizeof(RawText) + text.size(), alignof(RawText)));
    const RawText raw{text.data(), text.size()};
    std::memcpy(memory, &raw, sizeof raw);
    char* const to = memory + sizeof raw;
    bool lossy = false;
    char* const end = unescape(text, to, lossy);
    if (!end) return false;
    out = Value::string({to, static_cast<size_t>(end - to)}, lossy ? 0 : Value::kHasRaw);
    return true;
  }

  bool scalar(Value& out) {
    const std::string_view text = token();
    switch (text.empty() ? '\0' : text[0]) {
      case 't':
        out = Value::boolean(true);
        return text == "true";
      case 'f':
        out = Value::boolean(false);
        return text == "false";
      case 'n':
        out = Value::null();
        return text == "null";
      default: {
        bool fraction = false;
        if (!valid_number(text, fraction)) return false;
        out = Value::raw_number(text, fraction);
        return true;
      }
    }
  }

  bool value(Value& out, uint32_t depth) {
    switch (peek()) {
      case '{':
        return object(out, depth + 1);
      case '[':
        return array(out, depth + 1);
      case '"':
        return string(out);
      case '\0':
        return false;
      default:
        return scalar(out);
    }
  }

  bool too_deep(uint32_t depth) {
    if (depth <= limits::kDepthMax) return false;
    outcome = Outcome::too_deep;
    return true;
  }

  bool array(Value& out, uint32_t depth) {
    if (too_deep(depth)) return false;
    const size_t first = reader.items_.size();
    ++next;
    if (peek() == ']') {
      ++next;
    } else {
      while (true) {
        Value item;
        if (!value(item, depth)) return false;
        reader.items_.push_back(item);
        const char after = peek();
        ++next;
        if (after == ']') break;
        if (after != ',') return false;
      }
    }
    const size_t items = reader.items_.size() - first;
    out = Value::array();
    out.size = static_cast<uint32_t>(items);
    out.items = arena.allocate_array<Value>(items);
    if (items)
      std::memcpy(static_cast<void*>(out.items), &reader.items_[first], items * sizeof(Value));
    reader.items_.resize(first);
    return true;
  }

  bool object(Value& out, uint32_t depth) {
    if (too_deep(depth)) return false;
    const size_t first = reader.members_.size();
    uint64_t seen = 0;  // a bit per hash value modulo 64: a clear bit proves a key new
    bool maybe_twice = false;
    ++next;
    if (peek() == '}') {
      ++next;
    } else {
      while (true) {
        Value key, held;
        if (peek() != '"' || !string(key) || peek() != ':') return false;
        ++next;
        if (!value(held, depth)) return false;
        const uint32_t hash = hash_name(key.view());
        const uint64_t bit = uint64_t{1} << (hash & 63);
        maybe_twice |= (seen & bit) != 0;
        seen |= bit;
        reader.members_.push_back({key.text, key.size, hash, held});
        const char after = peek();
        ++next;
        if (after == '}') break;
        if (after != ',') return false;
      }
    }
    if (maybe_twice) merge_duplicates(first);
    close(out, first, depth == 1);
    return true;
  }

  // Moves the members read since `first` to the arena. The outermost object is an event's root,
  // which filters will add to: it gets room.
  void close(Value& out, size_t first, bool root) {
    const size_t members = reader.members_.size() - first;
    out = Value::object();
    if (root)
      object_reserve(arena, out, static_cast<uint32_t>(members) + 8);
    else
      out.members = arena.allocate_array<Member>(members);
    out.size = static_cast<uint32_t>(members);
    if (members)
      std::memcpy(static_cast<void*>(out.members), &reader.members_[first],
                  members * sizeof(Member));
    reader.members_.resize(first);
  }

  void merge_duplicates(size_t first) {
    auto& all = reader.members_;
    const size_t members = all.size() - first;
    if (members <= kSmallObject) {
      size_t kept = first;
      for (size_t i = first; i < all.size(); ++i) {
        size_t j = first;
        while (j < kept && !(all[j].hash == all[i].hash && all[j].name() == all[i].name())) ++j;
        if (j < kept)
          all[j].value = all[i].value;
        else
          all[kept++] = all[i];
      }
      all.resize(kept);
      return;
    }
    // Sorted by name, a key's places are neighbours: the first takes the last one's value.
    std::vector<uint32_t> order(members);
    for (uint32_t i = 0; i < members; ++i) order[i] = i;
    const auto at = [&](uint32_t i) -> Member& { return all[first + i]; };
    std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      return at(a).hash != at(b).hash ? at(a).hash < at(b).hash : at(a).name() < at(b).name();
    });
    std::vector<bool> twice(members);
    for (size_t i = 0; i < members;) {
      size_t j = i + 1;
      while (j < members && at(order[j]).hash == at(order[i]).hash &&
             at(order[j]).name() == at(order[i]).name())
        twice[order[j++]] = true;
      at(order[i]).value = at(order[j - 1]).value;
      i = j;
    }
    size_t kept = first;
    for (uint32_t i = 0; i < members; ++i)
      if (!twice[i]) all[kept++] = at(i);
    all.resize(kept);
  }
};

JsonReader::JsonReader() : scanner_(std::make_unique<Scanner>()) {}
JsonReader::~JsonReader() = default;

JsonReader::Outcome JsonReader::read(std::string_view text, Arena& arena, Value& out) {
  if (text.empty()) return Outcome::empty;
  if (const Outcome outcome = scanner_->scan(text); outcome != Outcome::ok) return outcome;
  const auto& stage = *scanner_->stage;
  Walk walk{*this,
            arena,
            text.data(),
            stage.structural_indexes.get(),
            stage.n_structural_indexes,
            static_cast<uint32_t>(text.size()),
            std::memchr(text.data(), '\\', text.size()) != nullptr};
  members_.clear();
  items_.clear();
  if (!walk.value(out, 0) || walk.next != walk.count) return walk.outcome;
  return Outcome::ok;
}

std::string_view JsonReader::describe(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "no error";
    case Outcome::empty:
      return "the text is empty";
    case Outcome::malformed:
      return "not well-formed JSON";
    case Outcome::invalid_utf8:
      return "not well-formed UTF-8";
    case Outcome::too_deep:
      return "nested deeper than the limit";
    case Outcome::too_large:
      return "larger than the limit";
  }
  return "";
}

}  // namespace penstock
