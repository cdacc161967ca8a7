#include "pipeline/plugin/line_framer.h"

#include <algorithm>
#include <cstring>

#include "pipeline/base/check.h"

namespace penstock {
namespace {

// A stream that once held a large unfinished record gives the memory back.
constexpr size_t kPendingKeepBytes = 64 << 10;

}  // namespace

LineFramer::LineFramer(std::string delimiter, size_t record_bytes_max)
    : delimiter_(std::move(delimiter)), record_bytes_max_(record_bytes_max) {
  CHECK(!delimiter_.empty(), "a delimiter has at least one byte");
}

// The delimiter's first byte in [from, end), or null.
const char* LineFramer::find(const char* from, const char* end) const {
  const auto size = static_cast<size_t>(end - from);
  if (delimiter_.size() == 1) [[likely]]
    return static_cast<const char*>(std::memchr(from, delimiter_[0], size));
  return static_cast<const char*>(memmem(from, size, delimiter_.data(), delimiter_.size()));
}

void LineFramer::feed(const Bytes& chunk, Records& out) {
  const char* at = chunk.view.data();
  const char* const end = at + chunk.view.size();
  if (total_ > 0) at += finish_pending(chunk, out);
  while (at < end) {
    const char* stop = find(at, end);
    if (!stop) break;
    out.add(chunk.slab, {at, std::min(static_cast<size_t>(stop - at), record_bytes_max_)});
    at = stop + delimiter_.size();
  }
  if (at < end) keep({at, static_cast<size_t>(end - at)});
}

// Ends the unfinished record if its end is in the chunk. Returns the bytes of the chunk it used.
size_t LineFramer::finish_pending(const Bytes& chunk, Records& out) {
  size_t used = 0, overlap = 0;
  if (find_straddling(chunk.view, used, overlap)) {
    emit_pending(total_ - overlap, out);
    return used;
  }
  const char* from = chunk.view.data();
  const char* stop = find(from, from + chunk.view.size());
  const std::string_view rest =
      stop ? chunk.view.substr(0, static_cast<size_t>(stop - from)) : chunk.view;
  keep(rest);
  if (!stop) return rest.size();
  emit_pending(total_, out);
  return rest.size() + delimiter_.size();
}

// A delimiter that began in an earlier chunk with `overlap` bytes and ends `used` bytes into this
// one. The longest overlap is the leftmost delimiter, so it goes first.
bool LineFramer::find_straddling(std::string_view chunk, size_t& used, size_t& overlap) const {
  for (overlap = tail_.size(); overlap > 0; --overlap) {
    const std::string_view delimiter = delimiter_;
    const std::string_view begun = std::string_view(tail_).substr(tail_.size() - overlap);
    used = delimiter.size() - overlap;
    if (begun == delimiter.substr(0, overlap) && chunk.substr(0, used) == delimiter.substr(overlap))
      return true;
  }
  return false;
}

void LineFramer::keep(std::string_view text) {
  total_ += text.size();
  const size_t room = record_bytes_max_ - pending_.size();
  pending_.append(text.substr(0, room));
  const size_t tail_bytes = delimiter_.size() - 1;
  if (tail_bytes == 0) return;
  tail_.append(text.substr(text.size() - std::min(text.size(), tail_bytes)));
  if (tail_.size() > tail_bytes) tail_.erase(0, tail_.size() - tail_bytes);
}

void LineFramer::emit_pending(uint64_t size, Records& out) {
  out.add_copy(pending_.view().substr(0, static_cast<size_t>(size)));
  total_ = 0;
  tail_.clear();
  pending_.clear();
  if (pending_.capacity() > kPendingKeepBytes) pending_ = ByteBuffer();
}

void LineFramer::finish(Records& out) {
  if (total_ > 0) emit_pending(total_, out);
}

}  // namespace penstock
