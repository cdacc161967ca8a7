#include "codecs/csv/header_framer.h"

#include <algorithm>

#include "pipeline/base/text.h"

namespace penstock::csv {

std::optional<HeadedRow> split_headed(std::string_view record) {
  if (!record.starts_with('\n')) return std::nullopt;
  const size_t end = record.find('\n', 1);
  if (end == record.npos) return std::nullopt;
  return HeadedRow{record.substr(1, end - 1), record.substr(end + 1)};
}

void HeaderFramer::feed(const Bytes& chunk, Records& out) {
  Records lines;
  lines_.feed(chunk, lines);
  take(lines, out);
}

void HeaderFramer::finish(Records& out) {
  Records lines;
  lines_.finish(lines);
  take(lines, out);
}

void HeaderFramer::take(const Records& lines, Records& out) {
  for (const std::string_view line : lines.views) {
    if (trim(line).empty()) continue;
    if (header_.empty()) {
      header_.push_back('\n');
      header_.append(line.substr(0, kHeaderBytesMax));
      header_.push_back('\n');
      continue;
    }
    record_.clear();
    record_.append(header_);
    record_.append(line.substr(0, limits::kRecordBytesMax - header_.size()));
    out.add_copy(record_.view());
    if (record_.capacity() > kHeaderBytesMax) record_ = ByteBuffer();
  }
}

}  // namespace penstock::csv
