#include "pipeline/event/json_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "pipeline/base/limits.h"
#include "pipeline/event/json_unescape.h"

namespace penstock {
namespace {

// Objects up to this size find duplicate keys by looking back; larger ones sort.
constexpr size_t kSmallObject = 64;
// A root object is built where it stays when its document has no more tokens than this.
constexpr uint32_t kSmallDocument = 256;
// Room for the members that filters will add to a root object.
constexpr uint32_t kRootRoom = 8;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 8259 number grammar over the whole of `text`.
bool valid_number(std::string_view text, bool& fraction) {
  const char *at = text.data(), *end = at + text.size();
  if (at < end && *at >= '1' && *at <= '9') [[likely]] {
    while (++at < end && is_digit(*at)) {
    }
    if (at == end) return true;
    at = text.data();
  }
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

// The names of an object, by a few bits of their hashes: a clear bit proves a name new.
struct SeenNames {
  uint64_t bits[4] = {};

  bool add(uint32_t hash) {
    uint64_t& word = bits[hash >> 6 & 3];
    const uint64_t bit = uint64_t{1} << (hash & 63);
    const bool maybe = word & bit;
    word |= bit;
    return maybe;
  }
};

// One read: a cursor over the index. Recursion is bounded by limits::kDepthMax.
struct JsonReader::Walk {
  JsonReader& reader;
  Arena& arena;
  const char* base;
  const uint32_t* index;  // positions of tokens
  uint32_t count;
  uint32_t size;       // of the text
  const char* escape;  // a backslash with none between it and the token before
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

  // Tokens come in ascending order, so the whole text is searched once.
  [[gnu::always_inline]] bool has_escape(std::string_view text) {
    const char* const end = text.data() + text.size();
    if (escape >= end) return false;
    if (escape < text.data()) {
      const auto left = static_cast<size_t>(base + size - text.data());
      escape = static_cast<const char*>(std::memchr(text.data(), '\\', left));
      if (!escape) escape = base + size;
    }
    return escape < end;
  }

  [[gnu::always_inline]] bool string(Value& out) {
    std::string_view text;
    if (!quoted(next, text)) return false;
    ++next;
    if (has_escape(text)) [[unlikely]]
      return escaped_string(text, out);
    out = Value::string(text, Value::kClean);
    return true;
  }

  [[gnu::noinline]] bool escaped_string(std::string_view text, Value& out) {
    char* memory =
        static_cast<char*>(arena.allocate(sizeof(RawText) + text.size(), alignof(RawText)));
    const RawText raw{text.data(), text.size()};
    std::memcpy(memory, &raw, sizeof raw);
    char* const to = memory + sizeof raw;
    bool lossy = false;
    char* const end = unescape_json(text, to, lossy);
    if (!end) return false;
    out = Value::string({to, static_cast<size_t>(end - to)}, lossy ? 0 : Value::kHasRaw);
    return true;
  }

  [[gnu::noinline]] bool scalar(Value& out) {
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

  [[gnu::always_inline]] bool value(Value& out, uint32_t depth) {
    const char first = peek();
    if (first == '"') [[likely]]
      return string(out);
    switch (first) {
      case '{':
        return object(out, depth + 1);
      case '[':
        return array(out, depth + 1);
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
    if (depth == 1 && count <= kSmallDocument) return root(out);
    const size_t first = reader.members_.size();
    SeenNames seen;
    bool maybe_twice = false;
    ++next;
    if (peek() == '}') {
      ++next;
    } else {
      while (true) {
        Member member;
        if (!this->member(member, depth)) return false;
        maybe_twice |= seen.add(member.hash);
        reader.members_.push_back(member);
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

  // The text between the quotes of the token at index[at], which must be a string.
  [[gnu::always_inline]] bool quoted(uint32_t at, std::string_view& text) const {
    const char* const first = base + index[at];
    const char* last = base + (at + 1 < count ? index[at + 1] : size) - 1;
    if (*last != '"') [[unlikely]]
      while (last > first && is_space(*last)) --last;
    text = {first + 1, static_cast<size_t>(last - first) - 1};
    return *first == '"' && *last == '"' && last != first;
  }

  // "name" : value, and what follows: four tokens at least.
  [[gnu::always_inline]] bool member(Member& out, uint32_t depth) {
    std::string_view name;
    if (count - next < 4 || base[index[next + 1]] != ':' || !quoted(next, name)) return false;
    const bool plain = !has_escape(name);
    if (!plain) [[unlikely]] {
      Value unescaped;
      if (!escaped_string(name, unescaped)) return false;
      name = unescaped.view();
    }
    out.name_text = name.data();
    out.name_size = static_cast<uint32_t>(name.size());
    out.hash = hash_name(name);
    next += 2;
    if (!value(out.value, depth)) return false;
    if (plain) out.value.flags |= Value::kPlainName;
    return true;
  }

  // The outermost object of an ordinary event: its members are written where they stay, with room
  // for more. A member takes at least four tokens.
  bool root(Value& out) {
    const uint32_t room = std::bit_ceil(count / 4 + kRootRoom);
    Member* const members = arena.allocate_array<Member>(room);
    SeenNames seen;
    uint32_t held = 0;
    ++next;
    if (peek() == '}') {
      ++next;
    } else {
      while (true) {
        Member& member = members[held];
        if (!plain_member(member) && !this->member(member, 1)) return false;
        if (!seen.add(member.hash) || !replace_earlier(members, held)) ++held;
        const char after = peek();
        ++next;
        if (after == '}') break;
        if (after != ',') return false;
      }
    }
    out = Value::object();
    out.members = members;
    out.size = held;
    out.capacity_log2 = static_cast<uint16_t>(std::countr_zero(room));
    return true;
  }

  // What most members are, "name":"text" without white space and escapes, or with a small integer
  // for the text. False, and nothing was read, when it is anything else.
  [[gnu::always_inline]] bool plain_member(Member& out) {
    if (count - next < 4) return false;
    const uint32_t* const at = index + next;
    const char* const name = base + at[0];
    const char* const colon = base + at[1];
    const char* const from = base + at[2];
    const char* const to = base + at[3];
    if (escape < to || *name != '"' || *colon != ':' || colon[-1] != '"' || colon - name < 2)
      return false;
    if (*from == '"') {
      if (to[-1] != '"' || to - from < 2) return false;
      out.value = Value::string({from + 1, static_cast<size_t>(to - from) - 2},
                                Value::kClean | Value::kPlainName);
    } else {
      const char* end = from;
      if (*from < '1' || *from > '9') return false;
      while (is_digit(*++end)) {
      }
      if (end != to) return false;
      out.value = Value::raw_number({from, static_cast<size_t>(to - from)}, false);
      out.value.flags = Value::kPlainName;
    }
    out.name_text = name + 1;
    out.name_size = static_cast<uint32_t>(colon - name) - 2;
    out.hash = hash_name(out.name());
    next += 3;
    return true;
  }

  // Gives the value of members[held] to an earlier member of that name, if there is one.
  static bool replace_earlier(Member* members, uint32_t held) {
    const Member& last = members[held];
    for (uint32_t i = 0; i < held; ++i) {
      if (members[i].hash != last.hash || members[i].name() != last.name()) continue;
      members[i].value = last.value;
      return true;
    }
    return false;
  }

  // Moves the members read since `first` to the arena. The outermost object is an event's root,
  // which filters will add to: it gets room.
  void close(Value& out, size_t first, bool root) {
    const size_t members = reader.members_.size() - first;
    out = Value::object();
    if (root)
      object_reserve(arena, out, static_cast<uint32_t>(members) + kRootRoom);
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
            text.data()};
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
