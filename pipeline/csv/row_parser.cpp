#include "pipeline/csv/row_parser.h"

#include <algorithm>
#include <cstring>

namespace penstock::csv {
namespace {

constexpr size_t kNone = std::string_view::npos;

size_t find_from(std::string_view text, std::string_view part, size_t from) {
  return part.size() == 1 ? text.find(part[0], from) : text.find(part, from);
}

std::string_view detect_row_end(std::string_view text) {
  const size_t feed = text.find('\n');
  const size_t carriage = text.substr(0, feed).find('\r');
  if (carriage == kNone) return "\n";
  return feed == carriage + 1 ? "\r\n" : "\r";
}

}  // namespace

Outcome RowParser::parse(std::string_view text, Arena& arena, std::vector<Field>& fields) {
  fields.clear();
  if (text.empty()) return Outcome::empty;
  row_end_ = detect_row_end(text);
  const std::string_view line = text.substr(0, find_from(text, row_end_, 0));
  if (line.empty() || split_line(line, fields)) return Outcome::row;
  fields.clear();
  rest_ = text;
  return parse_strictly(arena, fields);
}

// Nearly every line: fields without quotes or in one pair of them. False: it is more than that.
bool RowParser::split_line(std::string_view line, std::vector<Field>& fields) const {
  const bool has_quotes = find_from(line, quote_, 0) != kNone;
  for (size_t at = 0;;) {
    const size_t end = std::min(find_from(line, separator_, at), line.size());
    std::string_view field = line.substr(at, end - at);
    const bool is_null = field.empty();
    if (has_quotes && find_from(field, quote_, 0) != kNone) {
      if (field.size() < 2 * quote_.size() || !field.starts_with(quote_)) return false;
      field.remove_prefix(quote_.size());
      if (find_from(field, quote_, 0) != field.size() - quote_.size()) return false;
      field.remove_suffix(quote_.size());
    }
    fields.push_back({field, is_null});
    if (end == line.size()) return true;
    if (fields.size() == kFieldsMax) return false;
    at = end + separator_.size();
  }
}

Outcome RowParser::parse_strictly(Arena& arena, std::vector<Field>& fields) {
  while (true) {
    Field field;
    if (!take_value(arena, field)) return Outcome::malformed;
    if (fields.size() == kFieldsMax) return Outcome::malformed;
    fields.push_back(field);
    if (take(separator_)) continue;
    if (!rest_.empty() && !take(row_end_)) return Outcome::malformed;
    if (fields.size() == 1 && field.is_null) fields.clear();
    return Outcome::row;
  }
}

bool RowParser::take_value(Arena& arena, Field& field) {
  field = {{}, true};
  if (rest_.starts_with(quote_)) return take_quoted(arena, field);
  take_unquoted(field);
  return true;
}

bool RowParser::take_quoted(Arena& arena, Field& field) {
  field.is_null = false;
  size_t quotes = take_quotes();
  // All at once: an empty text, or quotes alone, two for each.
  const bool open = quotes % 2 == 1;
  if (!open && quotes == 2) return true;
  // What follows has at most as many letters as the rest.
  auto* out = static_cast<char*>(arena.allocate(rest_.size() + quotes * quote_.size(), 1));
  size_t size = 0;
  const auto add = [&](std::string_view part) {
    std::memcpy(out + size, part.data(), part.size());
    size += part.size();
  };
  const size_t held = open ? quotes / 2 : (quotes - 2) / 2;
  for (size_t i = 0; i < held; ++i) add(quote_);
  for (bool inside = open; inside;) {
    const size_t end = find_from(rest_, quote_, 0);
    if (end == kNone) return false;
    add(rest_.substr(0, end));
    rest_.remove_prefix(end);
    quotes = take_quotes();
    for (size_t i = 0; i < quotes / 2; ++i) add(quote_);
    inside = quotes % 2 == 0;
  }
  arena.shrink_to(out + size);
  field.text = {out, size};
  return true;
}

// A separator of several letters may begin inside a field: its first letter alone doesn't end it,
// unless the field begins with it.
void RowParser::take_unquoted(Field& field) {
  size_t end = unquoted_end(0);
  if (end == 0) return;
  if (separator_.size() > 1) {
    while (!rest_.substr(end).starts_with(separator_)) {
      const size_t run = rest_.find_first_not_of(separator_[0], end);
      const size_t next = std::min(run, rest_.size());
      if (next == end) break;
      end = next;
      const size_t more = unquoted_end(end);
      if (more == end) break;
      end = more;
    }
  }
  field = {rest_.substr(0, end), false};
  rest_.remove_prefix(end);
}

size_t RowParser::unquoted_end(size_t from) const {
  for (size_t at = from; at < rest_.size(); ++at) {
    const char c = rest_[at];
    if (c == '\r' || c == '\n' || c == separator_[0]) return at;
    if (c == quote_[0] && rest_.substr(at).starts_with(quote_)) return at;
  }
  return rest_.size();
}

size_t RowParser::take_quotes() {
  size_t count = 0;
  while (take(quote_)) ++count;
  return count;
}

bool RowParser::take(std::string_view part) {
  if (!rest_.starts_with(part)) return false;
  rest_.remove_prefix(part.size());
  return true;
}

}  // namespace penstock::csv
