// Cuts a stream of MessagePack values. It follows sizes and never builds anything: its state is the
// numbers of items that the open containers still wait for.
//
// Events are maps (or, of Fluentd, arrays), so other values between them mean that the stream is no
// MessagePack or out of step: their bytes up to the next container are one record, at most
// kStrayBytesMax long, which a decoder then fails on.
#pragma once

#include <array>

#include "pipeline/base/limits.h"
#include "pipeline/plugin/codec.h"

namespace penstock::msgpack {

inline constexpr size_t kStrayBytesMax = 4096;

// One per stream, loop thread.
class Framer : public penstock::Framer {
 public:
  void feed(const Bytes& chunk, Records& out) override;
  void finish(Records& out) override;
  size_t pending_bytes() const override { return static_cast<size_t>(total_); }

 private:
  enum class State : uint8_t { between, stray, inside };
  size_t step(std::string_view bytes, bool& ended);
  size_t inside(std::string_view bytes, bool& ended);
  void begin(uint8_t type);
  void begin_sized(uint8_t type);
  void size_known();
  void value_ended();
  void open(uint64_t items);
  void keep(std::string_view bytes);
  void emit(const Bytes& chunk, std::string_view bytes, Records& out);

  State state_ = State::between;
  uint64_t total_ = 0;  // bytes of the unfinished record in earlier chunks
  ByteBuffer pending_;  // its first limits::kRecordBytesMax bytes
  size_t stray_ = 0;    // bytes of a stray record

  uint64_t skip_ = 0;       // bytes of the value at hand that mean nothing here
  unsigned size_left_ = 0;  // bytes of its size still to come
  uint64_t size_ = 0;       // as far as it is known
  uint8_t type_ = 0;        // that the size belongs to
  std::array<uint64_t, limits::kDepthMax> open_{};  // items that open containers wait for
  size_t depth_ = 0;
};

}  // namespace penstock::msgpack
