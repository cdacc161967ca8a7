#include "codecs/csv/row_writer.h"

namespace penstock::csv {
namespace {

void append_quoted(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  out += '"';
}

}  // namespace

// Recursion is bounded by the depth of events (limits::kDepthMax).
void append_inspected(const Value& value, std::string& out) {
  if (value.is_null()) {
    out += "nil";
  } else if (value.is_string()) {
    append_quoted(value.view(), out);
  } else if (!value.is_container()) {
    append_text(value, out);
  } else {
    out += value.is_array() ? '[' : '{';
    for (uint32_t i = 0; i < value.size; ++i) {
      if (i) out += ", ";
      if (value.is_object()) {
        append_quoted(value.members[i].name(), out);
        out += "=>";
      }
      append_inspected(value.is_array() ? value.items[i] : value.members[i].value, out);
    }
    out += value.is_array() ? ']' : '}';
  }
}

void RowWriter::add(std::string_view text, ByteBuffer& out) {
  separate(out);
  if (!text.empty() && text.find_first_of(special_) == text.npos) return out.append(text);
  out.append(quote_);
  for (size_t at = 0;;) {
    const size_t next = text.find(quote_, at);
    out.append(text.substr(at, next - at));
    if (next == text.npos) break;
    out.append(quote_);
    out.append(quote_);
    at = next + quote_.size();
  }
  out.append(quote_);
}

void RowWriter::add(const Value* value, ByteBuffer& out) {
  if (!value || value->is_null()) return separate(out);
  if (value->is_string()) return add(value->view(), out);
  text_.clear();
  if (value->is_container())
    append_inspected(*value, text_);
  else
    append_text(*value, text_);
  add(text_, out);
}

void RowWriter::separate(ByteBuffer& out) {
  if (!first_) out.append(separator_);
  first_ = false;
}

}  // namespace penstock::csv
