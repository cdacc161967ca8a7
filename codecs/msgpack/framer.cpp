#include "codecs/msgpack/framer.h"

#include <algorithm>

namespace penstock::msgpack {
namespace {

constexpr size_t kPendingKeepBytes = 64 << 10;

bool is_container(uint8_t type) { return (type >= 0x80 && type <= 0x9F) || type >= 0xDC; }
bool begins_event(char byte) {
  const auto type = static_cast<uint8_t>(byte);
  return is_container(type) && type <= 0xDF;
}

}  // namespace

void Framer::feed(const Bytes& chunk, Records& out) {
  std::string_view rest = chunk.view;
  size_t begin = 0, at = 0;  // the record's first byte in the chunk, and the next to look at
  while (at < rest.size()) {
    bool ended = false;
    at += step(rest.substr(at), ended);
    if (!ended) continue;
    emit(chunk, rest.substr(begin, at - begin), out);
    begin = at;
  }
  keep(rest.substr(begin));
}

// Looks at some of `bytes` and tells how many. Ended: they end the record (with none of them when a
// stray record ends before an event).
size_t Framer::step(std::string_view bytes, bool& ended) {
  if (state_ == State::inside) return inside(bytes, ended);
  if (begins_event(bytes[0])) {
    ended = state_ == State::stray;
    state_ = ended ? State::between : State::inside;
    if (ended) return 0;
    depth_ = 0;
    begin(static_cast<uint8_t>(bytes[0]));
    ended = state_ == State::between;
    return 1;
  }
  if (state_ == State::between) stray_ = 0;
  state_ = State::stray;
  if (++stray_ == kStrayBytesMax) {
    ended = true;
    state_ = State::between;
  }
  return 1;
}

size_t Framer::inside(std::string_view bytes, bool& ended) {
  size_t used = 1;
  if (skip_ > 0) {
    used = static_cast<size_t>(std::min<uint64_t>(skip_, bytes.size()));
    skip_ -= used;
    if (skip_ == 0) value_ended();
  } else if (size_left_ > 0) {
    size_ = size_ << 8 | static_cast<uint8_t>(bytes[0]);
    if (--size_left_ == 0) size_known();
  } else {
    begin(static_cast<uint8_t>(bytes[0]));
  }
  ended = state_ == State::between;
  return used;
}

void Framer::begin(uint8_t type) {
  if (type <= 0x7F || type >= 0xE0 || (type >= 0xC0 && type <= 0xC3)) return value_ended();
  if (type <= 0x8F) return open(uint64_t{type & 0x0FU} * 2);
  if (type <= 0x9F) return open(type & 0x0FU);
  if (type <= 0xBF) {
    skip_ = type & 0x1FU;
    if (skip_ == 0) value_ended();
  } else if (type >= 0xCA && type <= 0xD3) {
    const unsigned log2 = type <= 0xCB ? 2U + (type - 0xCAU) : (type - 0xCCU) % 4;
    skip_ = uint64_t{1} << log2;
  } else if (type >= 0xD4 && type <= 0xD8) {
    skip_ = 1 + (uint64_t{1} << (type - 0xD4));
  } else {
    begin_sized(type);
  }
}

void Framer::begin_sized(uint8_t type) {
  type_ = type;
  size_ = 0;
  const unsigned log2 = type >= 0xDC   ? 1U + (type & 1U)
                        : type >= 0xD9 ? type - 0xD9U
                                       : (type - 0xC4U) % 3;
  size_left_ = 1U << log2;
}

void Framer::size_known() {
  if (type_ >= 0xDC) return open(type_ >= 0xDE ? size_ * 2 : size_);
  skip_ = type_ >= 0xC7 && type_ <= 0xC9 ? size_ + 1 : size_;  // an extension's type
  if (skip_ == 0) value_ended();
}

void Framer::open(uint64_t items) {
  if (items == 0) return value_ended();
  if (depth_ == open_.size()) {  // deeper than any event: let it go, the decoder fails on it
    state_ = State::between;
    return;
  }
  open_[depth_++] = items;
}

void Framer::value_ended() {
  while (depth_ > 0 && --open_[depth_ - 1] == 0) --depth_;
  if (depth_ == 0) state_ = State::between;
}

void Framer::keep(std::string_view bytes) {
  total_ += bytes.size();
  pending_.append(bytes.substr(0, limits::kRecordBytesMax - pending_.size()));
}

void Framer::emit(const Bytes& chunk, std::string_view bytes, Records& out) {
  if (total_ == 0) {
    if (!bytes.empty()) out.add(chunk.slab, bytes.substr(0, limits::kRecordBytesMax));
    return;
  }
  keep(bytes);
  out.add_copy(pending_.view());
  total_ = 0;
  pending_.clear();
  if (pending_.capacity() > kPendingKeepBytes) pending_ = ByteBuffer();
}

void Framer::finish(Records& out) {
  if (total_ > 0) emit({}, {}, out);
  state_ = State::between;
  skip_ = size_left_ = 0;
  depth_ = 0;
}

}  // namespace penstock::msgpack
