// Lines of a stream whose first one names the columns. Rows are decoded on any worker, in any
// order, so each takes the names along: a record is "\n", the header line, "\n", the line itself.
// Costs a copy of each line, and nothing needs to be shared.
#pragma once

#include <string>

#include "pipeline/plugin/line_framer.h"

namespace penstock::csv {

// Longest header line; of a longer one the end is left out.
inline constexpr size_t kHeaderBytesMax = 64 << 10;

struct HeadedRow {
  std::string_view header, row;
};

// Takes apart what HeaderFramer made. Empty when the record isn't from one.
std::optional<HeadedRow> split_headed(std::string_view record);

// One per stream, loop thread.
class HeaderFramer : public Framer {
 public:
  void feed(const Bytes& chunk, Records& out) override;
  void finish(Records& out) override;
  size_t pending_bytes() const override { return lines_.pending_bytes(); }

 private:
  void take(const Records& lines, Records& out);

  LineFramer lines_;
  std::string header_;  // between two line feeds; empty until there is one
  ByteBuffer record_;
};

}  // namespace penstock::csv
