// Cuts a stream of bulk requests: a record is an action line with the document's line after it, or
// alone when it deletes. Both lines mostly lie together in a chunk and are viewed there.
#pragma once

#include <string>

#include "pipeline/plugin/line_framer.h"

namespace penstock {

// Whether a document follows this action line. A line that is no object is none.
bool wants_document(std::string_view action);

// One per stream, loop thread.
class BulkFramer : public Framer {
 public:
  void feed(const Bytes& chunk, Records& out) override;
  void finish(Records& out) override;
  size_t pending_bytes() const override { return held_bytes_ + lines_.pending_bytes(); }

 private:
  void take(const Bytes& chunk, const Records& lines, Records& out);
  void join(const Bytes& chunk, std::string_view action, std::string_view document, Records& out);
  void hold(std::string_view action);

  LineFramer lines_;
  ByteBuffer held_;  // an action line of an earlier chunk that waits for its document
  bool holds_ = false;
  size_t held_bytes_ = 0;  // of it in the stream, with its end
  ByteBuffer joined_;
};

}  // namespace penstock
