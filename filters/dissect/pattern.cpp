#include "filters/dissect/pattern.h"

#include <algorithm>
#include <cstring>

#include "filters/support/set_field.h"
#include "pipeline/base/text.h"

namespace penstock::dissect {
namespace {

constexpr size_t kNone = std::string_view::npos;

// The order in which fields are set, by kind; appended ones by their number.
constexpr int kNormalOrder = 1, kAppendOrder = 100, kIndirectOrder = 1000;

Error bad(std::string message) { return {Errc::bad_config, std::move(message), {}}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "/3", "/12", "->", or one of each: what may follow a field's name.
bool is_suffix(std::string_view text) {
  const auto take_arrow = [&] {
    if (!text.starts_with("->")) return false;
    text.remove_prefix(2);
    return true;
  };
  const auto take_order = [&] {
    if (text.size() < 2 || text[0] != '/' || !is_digit(text[1])) return false;
    text.remove_prefix(text.size() > 2 && is_digit(text[2]) ? 3 : 2);
    return true;
  };
  if (take_arrow())
    take_order();
  else if (take_order())
    take_arrow();
  return text.empty();
}

// Where the suffix begins.
size_t name_length(std::string_view text) {
  size_t length = 0;
  while (!is_suffix(text.substr(length))) ++length;
  // A text that is all suffix has no name; otherwise the shortest name of at least a letter.
  return length;
}

size_t find_delimiter(std::string_view text, std::string_view delimiter, size_t from) {
  if (delimiter.empty()) return kNone;  // as there: fields without a delimiter never match
  const char* end = text.data() + text.size();
  const char* at = text.data() + from;
  while (static_cast<size_t>(end - at) >= delimiter.size()) {
    const size_t last = static_cast<size_t>(end - at) - delimiter.size() + 1;
    at = static_cast<const char*>(std::memchr(at, delimiter[0], last));
    if (!at) return kNone;
    if (std::memcmp(at, delimiter.data(), delimiter.size()) == 0)
      return static_cast<size_t>(at - text.data());
    ++at;
  }
  return kNone;
}

}  // namespace

Result<Pattern> Pattern::parse(std::string_view text) {
  Pattern out;
  size_t at = 0;
  while (true) {
    const size_t open = text.find("%{", at);
    const size_t close = open == kNone ? kNone : text.find('}', open);
    if (close == kNone) break;
    TRY(Field field, parse_field(text.substr(open + 2, close - open - 2)));
    field.before = text.substr(at, open - at);
    out.fields_.push_back(std::move(field));
    at = close + 1;
  }
  if (out.fields_.empty()) return bad("the pattern has no field, like %{name}");
  // What follows the last brace is a delimiter too, with a field of its own that is skipped.
  const std::string_view rest = text.substr(text.rfind('}') + 1);
  if (!rest.empty()) {
    out.fields_.emplace_back();
    out.fields_.back().name = "auto_added_skip";
    out.fields_.back().before = rest;
  }
  out.link();
  return out;
}

Result<Pattern::Field> Pattern::parse_field(std::string_view text) {
  Field field;
  field.what = What::normal;
  field.order = kNormalOrder;
  if (text.starts_with("+&") || text.starts_with("&+"))
    return bad("Field cannot prefix with both Append and Indirect Prefix (" +
               std::string(text.substr(0, 2)) + "): " + std::string(text));
  const char prefix = text.empty() ? '?' : text[0];
  if (prefix == '?') field.what = What::skip;
  if (prefix == '+') field.what = What::append, field.order = kAppendOrder;
  if (prefix == '&') field.what = What::indirect, field.order = kIndirectOrder;
  if (field.what != What::normal && !text.empty()) text.remove_prefix(1);
  const size_t length = name_length(text);
  const std::string_view suffix = text.substr(length);
  field.name = text.substr(0, length);
  if (field.name.empty() && (field.what == What::append || field.what == What::indirect))
    return bad("a field with a prefix needs a name: %{" + std::string(1, prefix) +
               std::string(text) + "}");
  field.padded = suffix.find("->") != kNone;
  if (field.what == What::append) {
    const size_t slash = suffix.find('/');
    if (slash != kNone)
      field.order += static_cast<int>(
          parse_integer(suffix.substr(slash + 1, suffix.find('-', slash) - slash - 1)).value_or(0));
  }
  field.target = std::make_unique<PreparedField>(field.name);
  return field;
}

// Tells each field what its neighbours know, and orders them.
void Pattern::link() {
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (i + 1 < fields_.size()) {
      fields_[i].after = fields_[i + 1].before;
      fields_[i + 1].before_padded = fields_[i].padded;
    }
    if (fields_[i].what != What::skip) saved_.push_back(static_cast<uint32_t>(i));
  }
  std::stable_sort(saved_.begin(), saved_.end(),
                   [this](uint32_t a, uint32_t b) { return fields_[a].order < fields_[b].order; });
  places_.resize(fields_.size());
}

Outcome Pattern::apply(std::string_view source, uint8_t flags, Event& event) {
  if (!locate(source)) return Outcome::no_match;
  for (const uint32_t index : saved_)
    if (!save(fields_[index], index, flags, event)) return Outcome::failed;
  return Outcome::match;
}

// A corner kept from the original: a delimiter at the very beginning of the text ends an empty
// field but isn't skipped, so the next field begins with it.
bool Pattern::locate(std::string_view source) {
  size_t left = 0;
  const std::string& first = fields_[0].before;
  if (!first.empty()) {
    if (!source.starts_with(first)) return false;
    left = first.size();
  }
  const size_t last = fields_.size() - 1;
  for (size_t i = 0; i <= last; ++i) {
    const Field& field = fields_[i];
    if (field.before_padded && !field.before.empty())
      while (source.substr(left).starts_with(field.before)) left += field.before.size();
    size_t end = source.size();
    if (i < last) {
      end = find_delimiter(source, field.after, left);
      if (end == kNone) return false;
    }
    places_[i] = {source.data() + left, static_cast<uint32_t>(end - left)};
    if (end > 0) left = end + field.after.size();
  }
  return true;
}

bool Pattern::save(const Field& field, size_t index, uint8_t flags, Event& event) {
  const Value value = Value::string(part(index), flags);
  switch (field.what) {
    case What::normal:
      return field.target->set(event, value);
    case What::append:
      return append(field, value.view(), event);
    case What::indirect:
      return set_indirect(field, index, value, event);
    case What::skip:
      break;
  }
  return true;
}

bool Pattern::append(const Field& field, std::string_view value, Event& event) {
  if (!field.target->is_valid()) return false;
  const Value* held = static_cast<const Event&>(event).find(field.target->reference());
  if (!held) return field.target->set(event, Value::string(value));
  if (held->is_null()) return false;
  scratch_.clear();
  append_text(*held, scratch_);
  if (field.before.empty())
    scratch_ += ' ';
  else
    scratch_ += field.before;
  scratch_ += value;
  return field.target->set(event, event.string(scratch_));
}

bool Pattern::set_indirect(const Field& field, size_t index, const Value& value, Event& event) {
  scratch_.clear();
  const Value* named = field.target->is_valid()
                           ? static_cast<const Event&>(event).find(field.target->reference())
                           : nullptr;
  if (named) {
    append_text(*named, scratch_);
  } else {
    for (size_t i = 0; i < fields_.size(); ++i) {
      if (i == index || fields_[i].name != field.name) continue;
      scratch_ = part(i);
      break;
    }
  }
  return scratch_.empty() || set_field(event, event.arena().copy(scratch_), value);
}

}  // namespace penstock::dissect
