// What is decoded: logstash-filter-urldecode (urldecode.rb). Bytes that turn out not to be UTF-8
// come out as Ruby's inspect writes them, quotes and backslashes escaped with them: so Logstash's
// Charset does it.
#include "filters/urldecode.h"

#include <fmt/format.h>

#include <cstring>

#include "filters/support/set_field.h"
#include "pipeline/base/text.h"
#include "pipeline/plugin/charset.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"field", OptionType::field, "message",
     "The field to decode: a text, or a list or object of them. One that is missing becomes null."},
    {"all_fields", OptionType::boolean, "false", "Decode every field of the event instead."},
    {"charset", OptionType::string, "UTF-8",
     "The encoding that the decoded bytes are in: UTF-8, ISO-8859-1, CP1252, Shift_JIS, ..."},
    {"tag_on_failure", OptionType::strings, "[\"_urldecodefailure\"]",
     "Tags for an event whose field can't be set."},
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 32);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Decodes `text` to `out`, which has room for it; the end of what was written.
char* unescape(std::string_view text, char* out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high >= 0 && low >= 0) {
        *out++ = static_cast<char>(high << 4 | low);
        i += 2;
        continue;
      }
    }
    *out++ = text[i];
  }
  return out;
}

void inspect_ascii(char c, char next, std::string& out) {
  constexpr std::string_view kNamed = "\a\b\t\n\v\f\r";
  constexpr std::string_view kLetters = "abtnvfr";
  if (const size_t at = kNamed.find(c); at != kNamed.npos && c != '\0') {
    out += '\\';
    out += kLetters[at];
  } else if (c == 27) {
    out += "\\e";
  } else if (c == '"' || c == '\\' || (c == '#' && (next == '{' || next == '$' || next == '@'))) {
    out += '\\';
    out += c;
  } else if (c < ' ' || c == 127) {
    out += c == 127 ? "\\x7F" : fmt::format("\\u{:04X}", static_cast<unsigned>(c));
  } else {
    out += c;
  }
}

// Ruby's inspect of a text with bytes that aren't UTF-8, without the quotes around.
std::string inspected(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (static_cast<uint8_t>(text[i]) < 0x80) {
      inspect_ascii(text[i], i + 1 < text.size() ? text[i + 1] : '\0', out);
      ++i;
      continue;
    }
    size_t length = 2;
    while (length <= 4 && i + length <= text.size() && !is_utf8(text.substr(i, length))) ++length;
    if (length <= 4 && i + length <= text.size()) {
      out += text.substr(i, length);
      i += length;
    } else {
      out += fmt::format("\\x{:02X}", static_cast<uint8_t>(text[i++]));
    }
  }
  return out;
}

class UrlDecode : public Filter {
 public:
  UrlDecode(const Settings& settings, Charset charset)
      : field_(settings.field("field")),
        all_(settings.boolean("all_fields")),
        tags_(settings.strings("tag_on_failure")),
        charset_(std::move(charset)) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      Event& event = batch[row];
      if (all_)
        decode(event.root(), event.arena());
      else if (Value* value = event.find(field_))
        decode(*value, event.arena());
      else if (!event.set(field_, Value::null()))
        tag_all(event, tags_);
      matched.push_back(row);
    }
  }

 private:
  void decode(Value& value, Arena& arena) {
    if (value.is_string())
      decode_text(value, arena);
    else if (value.is_array())
      for (Value& item : value.elements()) decode(item, arena);
    else if (value.is_object())
      for (Member& member : value.entries()) decode(member.value, arena);
  }

  void decode_text(Value& value, Arena& arena) {
    const std::string_view text = value.view();
    if (charset_.is_utf8() && std::memchr(text.data(), '%', text.size()) == nullptr) return;
    char* begin = static_cast<char*>(arena.allocate(text.size(), 1));
    char* end = unescape(text, begin);
    std::string_view decoded(begin, static_cast<size_t>(end - begin));
    if (!charset_.is_utf8())
      decoded = charset_.convert(decoded, arena);
    else if (!is_utf8(decoded))
      decoded = arena.copy(inspected(decoded));
    else
      arena.shrink_to(end);
    value = Value::string(decoded);
  }

  FieldRef field_;
  bool all_;
  std::vector<std::string> tags_;
  Charset charset_;
};

}  // namespace

FilterPlugin urldecode_filter() {
  return {
      {"urldecode", "Decodes percent-encoded text.", kOptions},
      [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Filter>> {
        TRY(Charset charset, Charset::open(settings));
        return std::unique_ptr<Filter>(std::make_unique<UrlDecode>(settings, std::move(charset)));
      }};
}

}  // namespace penstock
