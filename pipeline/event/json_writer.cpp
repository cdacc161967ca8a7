#include "pipeline/event/json_writer.h"

#include <charconv>
#include <cmath>

#include "pipeline/event/json_escape.h"

namespace penstock {
namespace {

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
  if (name.size() < 4) return is_json_clean(name);
  if (name.size() < 8) {
    uint32_t halves[2];
    std::memcpy(&halves[0], name.data(), 4);
    std::memcpy(&halves[1], name.data() + name.size() - 4, 4);
    return !has_escape(halves[0] | uint64_t{halves[1]} << 32);
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

void write_quoted(std::string_view clean, ByteBuffer& out) {
  char* at = out.reserve(clean.size() + 2);
  *at = '"';
  if (!clean.empty()) std::memcpy(at + 1, clean.data(), clean.size());
  at[clean.size() + 1] = '"';
  out.commit(clean.size() + 2);
}

// Where a member's text would begin if name and value still stood side by side as they were read,
// without white space: "name":value.
const char* after_name(const Member& member) { return member.name_text + member.name_size + 2; }

bool follows_its_name(const Member& member) {
  const Value& value = member.value;
  if (!(value.flags & Value::kPlainName)) return false;
  const char* at = after_name(member);
  if (value.kind == Kind::raw_number) return value.text == at;
  if (value.kind != Kind::string) return false;
  return (value.flags & Value::kHasRaw ? value.raw_json().data() : value.text) == at + 1;
}

// Writes a value. Most of an event leaves as it came, so this looks for bytes that already lie in
// memory the way they are to be written: the run. A piece of text joins the run when it lies where
// the run ends, punctuation and words when the bytes there are the same; anything else ends the
// run, which is then copied at once. So nothing depends on who changed what: each byte of a run was
// compared, or is text that the value at hand views. What may be read at the run's end: a run
// begins only with a name and its value as the reader left them, so it ends within a document.
class Writer {
 public:
  explicit Writer(ByteBuffer& out) : out_(out) {}

  void value(const Value& value) {
    switch (value.kind) {
      case Kind::null:
        return word("null");
      case Kind::boolean:
        return word(value.truth() ? "true" : "false");
      case Kind::integer:
      case Kind::real:
        end_run();
        return write_number(value, out_);
      case Kind::raw_number:
        return number(value.view());
      case Kind::string:
        return string(value);
      case Kind::timestamp:
        end_run();
        return timestamp(value.instant());
      case Kind::array:
        return array(value);
      case Kind::object:
        return object(value);
    }
  }

  void end_run() {
    if (!end_) return;
    out_.append({begin_, static_cast<size_t>(end_ - begin_)});
    end_ = nullptr;
  }

 private:
  void mark(char c) {
    if (end_ && *end_ == c) {
      ++end_;
      return;
    }
    end_run();
    out_.push_back(c);
  }

  void word(std::string_view text) {
    if (end_) {
      size_t same = 0;  // byte by byte: the document may end before the word would
      while (same < text.size() && end_[same] == text[same]) ++same;
      if (same == text.size()) {
        end_ += same;
        return;
      }
      end_run();
    }
    out_.append(text);
  }

  void number(std::string_view digits) {
    if (end_ == digits.data()) {
      end_ += digits.size();
      return;
    }
    end_run();
    out_.append(digits);
  }

  void string(const Value& value) {
    const bool raw = value.flags & Value::kHasRaw;
    if (!raw && !(value.flags & Value::kClean)) {
      end_run();
      return write_json_string(value.view(), out_);
    }
    const std::string_view text = raw ? value.raw_json() : value.view();
    if (end_ && text.data() == end_ + 1 && *end_ == '"' && text.data()[text.size()] == '"') {
      end_ = text.data() + text.size() + 1;
      return;
    }
    end_run();
    write_quoted(text, out_);
  }

  void timestamp(Instant instant) {
    char* at = out_.reserve(48);
    at[0] = '"';
    const size_t size = format_instant(instant, at + 1);
    at[size + 1] = '"';
    out_.commit(size + 2);
  }

  void array(const Value& value) {
    mark('[');
    for (uint32_t i = 0; i < value.size; ++i) {
      if (i) mark(',');
      this->value(value.items[i]);
    }
    mark(']');
  }

  void object(const Value& value) {
    mark('{');
    const Member* const first = value.members;
    for (const Member* member = first; member != first + value.size; ++member) {
      if (const char* end = end_ ? next_in_run(*member) : nullptr) {
        end_ = end;
        continue;
      }
      name(*member, member == first ? 0 : ',');
      this->value(member->value);
    }
    mark('}');
  }

  // Most members: a text or number that follows the one before as it came. The run's end with it,
  // null when the long way has to tell.
  const char* next_in_run(const Member& member) const {
    if (member.name_text != end_ + 2 || end_[0] != ',' || !joins(member, end_ + 1)) return nullptr;
    const char* const at = after_name(member);
    const Value& value = member.value;
    if (value.kind == Kind::raw_number) return value.text == at ? at + value.size : nullptr;
    if (value.kind != Kind::string || !(value.flags & (Value::kClean | Value::kHasRaw)))
      return nullptr;
    const std::string_view text = value.flags & Value::kHasRaw ? value.raw_json() : value.view();
    const char* const end = text.data() + text.size();
    return text.data() == at + 1 && *at == '"' && *end == '"' ? end + 1 : nullptr;
  }

  // `before`: the comma before it, or 0.
  void name(const Member& member, char before) {
    if (before) mark(before);
    if (end_ && member.name_text == end_ + 1 && joins(member, end_)) {
      end_ = after_name(member);
      return;
    }
    end_run();
    if (!follows_its_name(member)) return write_name(member.name(), out_);
    begin_ = member.name_text - 1;
    end_ = after_name(member);
  }

  // Whether the member's name, which views the bytes after `quote`, stands there with all its
  // marks. REQUIRES: name_text == quote + 1.
  static bool joins(const Member& member, const char* quote) {
    if (!(member.value.flags & Value::kPlainName) || *quote != '"') return false;
    const char* const end = after_name(member);
    return end[-2] == '"' && end[-1] == ':';
  }

  ByteBuffer& out_;
  const char* begin_ = nullptr;
  const char* end_ = nullptr;  // null: there is no run
};

void new_line(ByteBuffer& out, unsigned level) {
  out.push_back('\n');
  for (unsigned i = 0; i < level; ++i) out.append("  ");
}

}  // namespace

bool is_json_clean(std::string_view text) {
  const char* const end = text.data() + text.size();
  return find_json_escape(text.data(), end) == end;
}

void write_json_string(std::string_view text, ByteBuffer& out) {
  out.push_back('"');
  append_json_escaped(text, out);
  out.push_back('"');
}

void write_json(const Value& value, ByteBuffer& out) {
  Writer writer(out);
  writer.value(value);
  writer.end_run();
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
