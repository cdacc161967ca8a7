// YAML's plain scalars have the types that Ruby's Psych gives them (scalar_scanner.rb), but for
// dates and symbols, which stay texts. CSV is RFC 4180 with any line ends, as Ruby's CSV reads it.
#include "filters/translate/dictionary_text.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "pipeline/base/text.h"
#include "pipeline/event/json_reader.h"

namespace penstock::translate {
namespace {

// Values of a YAML file with its aliases written out, and how deep they may nest.
constexpr size_t kYamlValuesMax = 5'000'000;
constexpr int kYamlDepthMax = 100;

Error bad(std::string message) { return {Errc::bad_data, std::move(message), {}}; }

// --- YAML ---

bool is_word(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return equals_ignore_case(text, word); });
}

std::optional<int64_t> digits_of_base(std::string_view digits, int base) {
  int64_t out = 0;
  if (digits.empty()) return std::nullopt;
  for (const char c : digits) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' ? (c | 32) - 'a' + 10 : 99;
    if (digit >= base || out > (INT64_MAX - digit) / base) return std::nullopt;
    out = out * base + digit;
  }
  return out;
}

// "12", "1_000", "1,000", "0x1F", "017", "0b11".
std::optional<int64_t> yaml_integer(std::string_view text) {
  const bool minus = text.starts_with('-');
  if (minus || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  std::string digits;
  for (const char c : text)
    if (c != '_' && c != ',') digits += c;
  std::optional<int64_t> out;
  if (digits.starts_with("0x"))
    out = digits_of_base(digits.substr(2), 16);
  else if (digits.starts_with("0b"))
    out = digits_of_base(digits.substr(2), 2);
  else
    out = digits_of_base(digits, digits.size() > 1 && digits[0] == '0' ? 8 : 10);
  if (out && minus) out = -*out;
  return out;
}

Value yaml_scalar(const YAML::Node& node, Arena& arena) {
  const std::string& text = node.Scalar();
  if (node.Tag() != "?") return Value::string(arena.copy(text));  // quoted, or of a stated type
  if (text.empty() || text == "~" || is_word(text, {"null"})) return Value::null();
  if (is_word(text, {"yes", "true", "on"})) return Value::boolean(true);
  if (is_word(text, {"no", "false", "off"})) return Value::boolean(false);
  if (const auto integer = yaml_integer(text)) return Value::of_integer(*integer);
  const bool digits_first = text.find_first_of("0123456789") <= 1 && text.find('.') != text.npos;
  if (const auto real = parse_real(text); real && digits_first) return Value::of_real(*real);
  return Value::string(arena.copy(text));
}

class YamlReader {
 public:
  explicit YamlReader(Arena& arena) : arena_(arena) {}

  Value read(const YAML::Node& node, int depth) {
    if (++values_ > kYamlValuesMax || depth > kYamlDepthMax) {
      too_large_ = true;
      return Value::null();
    }
    if (node.IsScalar()) return yaml_scalar(node, arena_);
    if (node.IsSequence()) return read_sequence(node, depth);
    if (node.IsMap()) return read_map(node, depth);
    return Value::null();
  }

  bool too_large() const { return too_large_; }

 private:
  Value read_sequence(const YAML::Node& node, int depth) {
    Value out = Value::array();
    for (const YAML::Node& item : node) {
      if (too_large_) break;
      array_append(arena_, out, read(item, depth + 1));
    }
    return out;
  }

  Value read_map(const YAML::Node& node, int depth) {
    Value out = Value::object();
    for (const auto& member : node) {
      if (too_large_) break;
      const std::string name = member.first.IsScalar() ? member.first.Scalar() : "";
      object_set(arena_, out, Name(arena_.copy(name)), read(member.second, depth + 1));
    }
    return out;
  }

  Arena& arena_;
  size_t values_ = 0;
  bool too_large_ = false;
};

Status read_yaml_tree(const YAML::Node& root, Entries& out, size_t& keys_left_out) {
  if (!root.IsMap()) return ok_status();
  YamlReader reader(out.arena());
  for (const auto& member : root) {
    const Value key = member.first.IsScalar() ? yaml_scalar(member.first, out.arena()) : Value();
    const Value value = reader.read(member.second, 0);
    if (reader.too_large()) return bad("the YAML nests too deep or expands to too many values");
    if (key.is_string())
      out.add(key.view(), value);
    else
      ++keys_left_out;
  }
  return ok_status();
}

Status read_yaml(const std::string& text, Entries& out, size_t& keys_left_out) {
  try {
    return read_yaml_tree(YAML::Load(text), out, keys_left_out);
  } catch (const YAML::Exception& exception) {
    return bad(exception.what());
  }
}

// --- JSON ---

Status read_json(std::string_view text, Entries& out) {
  if (text.empty()) return ok_status();
  Value root;
  const auto outcome = JsonReader().read(out.arena().copy(text), out.arena(), root);
  if (outcome != JsonReader::Outcome::ok) return bad(std::string(JsonReader::describe(outcome)));
  if (!root.is_object()) return bad("the JSON text is no object");
  for (const Member& member : root.entries()) out.add(member.name(), member.value);
  return ok_status();
}

// --- CSV ---

class CsvReader {
 public:
  CsvReader(std::string_view text, Arena& arena) : text_(text), arena_(arena) {}

  bool at_end() const { return at_ >= text_.size(); }
  // Reads a row's first two fields; null when there is none. False: a quote is out of place.
  bool row(Value& first, Value& second) {
    ++row_;
    first = second = Value::null();
    for (size_t column = 0;; ++column) {
      Value field;
      if (!read_field(field)) return false;
      if (column == 0) first = field;
      if (column == 1) second = field;
      if (at_end() || text_[at_] != ',') break;
      ++at_;
    }
    if (!at_end() && text_[at_] == '\r') ++at_;
    if (!at_end() && text_[at_] == '\n') ++at_;
    return true;
  }
  size_t row_number() const { return row_; }

 private:
  bool read_field(Value& out) {
    if (!at_end() && text_[at_] == '"') return read_quoted(out);
    const size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    const std::string_view field = text_.substr(at_, end - at_);
    at_ = end;
    if (!field.empty()) out = Value::string(arena_.copy(field));
    return field.find('"') == field.npos;
  }

  bool read_quoted(Value& out) {
    std::string content;
    for (++at_; !at_end(); ++at_) {
      if (text_[at_] == '"') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
        ++at_;
      }
      content += text_[at_];
    }
    if (at_end()) return false;
    ++at_;
    out = Value::string(arena_.copy(content));
    return at_end() || text_[at_] == ',' || text_[at_] == '\r' || text_[at_] == '\n';
  }

  std::string_view text_;
  Arena& arena_;
  size_t at_ = 0;
  size_t row_ = 0;
};

Status read_csv(std::string_view text, Entries& out) {
  CsvReader reader(text, out.arena());
  while (!reader.at_end()) {
    Value key, value;
    if (!reader.row(key, value))
      return bad("row " + std::to_string(reader.row_number()) + " has a quote out of place");
    if (key.is_string()) out.add(key.view(), value);
  }
  return ok_status();
}

}  // namespace

Status read_dictionary(std::string_view text, Format format, Entries& out, size_t& keys_left_out) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::string clean = is_utf8(text) ? std::string(text) : replace_invalid_utf8(text);
  if (format == Format::yaml) return read_yaml(clean, out, keys_left_out);
  if (format == Format::json) return read_json(clean, out);
  return read_csv(clean, out);
}

}  // namespace penstock::translate
