// LineFramer: cuts a byte stream at a delimiter. Records are views of the chunk; only one that
// began in an earlier chunk is copied. A record of more than `record_bytes_max` bytes is cut there
// and the rest of it skipped, so memory is bounded whatever a peer sends; decoders recognize a cut
// record by its size (see is_cut_record()).
//
// One per stream, loop thread. Cost: one memchr over the stream.
#pragma once

#include <memory>
#include <string>

#include "pipeline/base/limits.h"
#include "pipeline/plugin/codec.h"

namespace penstock {

class LineFramer : public Framer {
 public:
  // REQUIRES: the delimiter isn't empty.
  explicit LineFramer(std::string delimiter = "\n",
                      size_t record_bytes_max = limits::kRecordBytesMax);

  void feed(const Bytes& chunk, Records& out) override;
  void finish(Records& out) override;
  size_t pending_bytes() const override { return static_cast<size_t>(total_); }

 private:
  size_t finish_pending(const Bytes& chunk, Records& out);
  bool find_straddling(std::string_view chunk, size_t& used, size_t& overlap) const;
  const char* find(const char* from, const char* end) const;
  void keep(std::string_view text);
  void emit_pending(uint64_t size, Records& out);

  std::string delimiter_;
  size_t record_bytes_max_;
  uint64_t total_ = 0;  // bytes of the unfinished record, skipped ones included
  ByteBuffer pending_;  // its first record_bytes_max_ bytes
  std::string tail_;    // its last bytes, fewer than the delimiter's: the start of one, perhaps
};

// A record that reached the limit, so that (but for one of exactly this size) its end is missing.
inline bool is_cut_record(std::string_view record) {
  return record.size() >= limits::kRecordBytesMax;
}

}  // namespace penstock
