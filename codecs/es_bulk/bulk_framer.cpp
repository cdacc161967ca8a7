#include "codecs/es_bulk/bulk_framer.h"

#include <algorithm>

#include "pipeline/base/text.h"

namespace penstock {
namespace {

constexpr size_t kKeepBytes = 64 << 10;

bool lies_in(std::string_view part, std::string_view whole) {
  const std::less_equal<const char*> not_after;
  return not_after(whole.data(), part.data()) &&
         not_after(part.data() + part.size(), whole.data() + whole.size());
}

std::string_view trim_left(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r"), text.size()));
  return text;
}

}  // namespace

bool wants_document(std::string_view action) {
  action = trim_left(action);
  if (!action.starts_with('{')) return false;
  action.remove_prefix(1);
  return !trim_left(action).starts_with("\"delete\"");
}

void BulkFramer::feed(const Bytes& chunk, Records& out) {
  Records lines;
  lines_.feed(chunk, lines);
  take(chunk, lines, out);
}

void BulkFramer::finish(Records& out) {
  Records lines;
  lines_.finish(lines);
  take({}, lines, out);
  if (holds_) out.add_copy(held_.view());
  hold({});
  holds_ = false;
  held_bytes_ = 0;
}

void BulkFramer::take(const Bytes& chunk, const Records& lines, Records& out) {
  const std::string_view* action = nullptr;
  for (const std::string_view& line : lines.views) {
    if (holds_ || action) {
      join(chunk, holds_ ? held_.view() : *action, line, out);
      action = nullptr;
      holds_ = false;
      held_bytes_ = 0;
    } else if (wants_document(line)) {
      action = &line;
    } else if (!trim(line).empty()) {
      if (chunk.slab && lies_in(line, chunk.view))
        out.add(chunk.slab, line);
      else
        out.add_copy(line);
    }
  }
  if (action) hold(*action);
}

void BulkFramer::join(const Bytes& chunk, std::string_view action, std::string_view document,
                      Records& out) {
  if (chunk.slab && lies_in(action, chunk.view) && lies_in(document, chunk.view)) {
    const auto size = static_cast<size_t>(document.data() + document.size() - action.data());
    return out.add(chunk.slab, {action.data(), std::min(size, limits::kRecordBytesMax)});
  }
  joined_.clear();
  joined_.append(action);
  joined_.push_back('\n');
  joined_.append(document);
  out.add_copy(joined_.view().substr(0, limits::kRecordBytesMax));
  if (joined_.capacity() > kKeepBytes) joined_ = ByteBuffer();
}

void BulkFramer::hold(std::string_view action) {
  held_.clear();
  if (held_.capacity() > kKeepBytes) held_ = ByteBuffer();
  held_.append(action);
  holds_ = true;
  held_bytes_ = action.size() + 1;
}

}  // namespace penstock
