#include "codecs/rubydebug.h"

#include <algorithm>
#include <string>

#include "pipeline/base/limits.h"

namespace penstock {
namespace {

constexpr size_t kIndent = 4;
constexpr Option kOptions[] = {
    {"metadata", OptionType::boolean, "false", "Shows [@metadata] too."},
};

// Printed width of UTF-8 text: its code points.
size_t width_of(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

void append_blanks(ByteBuffer& out, size_t count) {
  std::memset(out.reserve(count), ' ', count);
  out.commit(count);
}

// What Ruby writes after a backslash; 0: the byte stands for itself or is a \xHH.
char short_escape(char c) {
  switch (c) {
    case '\a':
      return 'a';
    case '\b':
      return 'b';
    case '\t':
      return 't';
    case '\n':
      return 'n';
    case '\v':
      return 'v';
    case '\f':
      return 'f';
    case '\r':
      return 'r';
    case '\x1B':
      return 'e';
    case '"':
    case '\\':
      return c;
    default:
      return 0;
  }
}

// A Ruby string literal: "#{" and its like are escaped too, since they would interpolate.
void write_literal(std::string_view text, ByteBuffer& out) {
  out.push_back('"');
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    const bool interpolates = c == '#' && (next == '{' || next == '$' || next == '@');
    if (const char escape = interpolates ? '#' : short_escape(c)) {
      out.push_back('\\');
      out.push_back(escape);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      constexpr std::string_view kHex = "0123456789ABCDEF";
      out.append("\\u00");
      out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kHex[c & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void write_value(const Value& value, size_t indent, ByteBuffer& out);

void write_object(const Value& object, size_t indent, ByteBuffer& out) {
  std::vector<const Member*> members;
  size_t width = 0;
  for (const Member& member : object.entries()) {
    members.push_back(&member);
    width = std::max(width, width_of(member.name()) + 2);
  }
  std::sort(members.begin(), members.end(),
            [](const Member* a, const Member* b) { return a->name() < b->name(); });
  out.append("{\n");
  for (size_t i = 0; i < members.size(); ++i) {
    append_blanks(out, indent + kIndent + width - width_of(members[i]->name()) - 2);
    write_literal(members[i]->name(), out);
    out.append(" => ");
    write_value(members[i]->value, indent + kIndent, out);
    out.append(i + 1 < members.size() ? ",\n" : "\n");
  }
  append_blanks(out, indent);
  out.push_back('}');
}

void write_array(const Value& array, size_t indent, ByteBuffer& out) {
  const size_t digits = std::to_string(array.size - 1).size();
  out.append("[\n");
  for (uint32_t i = 0; i < array.size; ++i) {
    const std::string number = std::to_string(i);
    append_blanks(out, indent + kIndent);
    out.push_back('[');
    append_blanks(out, digits - number.size());
    out.append(number);
    out.append("] ");
    write_value(array.items[i], indent + kIndent, out);
    out.append(i + 1 < array.size ? ",\n" : "\n");
  }
  append_blanks(out, indent);
  out.push_back(']');
}

// Recursion is bounded by the depth of events (limits::kDepthMax).
void write_value(const Value& value, size_t indent, ByteBuffer& out) {
  if (value.is_null()) return out.append("nil");
  if (value.is_string()) return write_literal(value.view(), out);
  if (!value.is_container()) return out.append(to_text(value));
  if (value.size == 0) return out.append(value.is_array() ? "[]" : "{}");
  return value.is_array() ? write_array(value, indent, out) : write_object(value, indent, out);
}

class RubyDebug : public Encoder {
 public:
  explicit RubyDebug(bool metadata) : metadata_(metadata) {}

  void encode(const Event& event, ByteBuffer& out) override {
    if (metadata_) {
      Arena arena;
      Value shown = deep_copy(arena, event.root());
      object_set(arena, shown, Name("@metadata"), event.metadata());
      write_ruby(shown, out);
    } else {
      write_ruby(event.root(), out);
    }
    out.push_back('\n');
  }

 private:
  bool metadata_;
};

}  // namespace

void write_ruby(const Value& value, ByteBuffer& out) { write_value(value, 0, out); }

CodecPlugin rubydebug_codec() {
  return {
      {"rubydebug", "Events for people, one field per line. For outputs only.", kOptions,
       "Members are sorted by name; in Logstash they come in the order of its hash maps."},
      nullptr,
      nullptr,
      [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Encoder>> {
        return std::unique_ptr<Encoder>(std::make_unique<RubyDebug>(settings.boolean("metadata")));
      }};
}

}  // namespace penstock
