#include "codecs/inflater.h"

#include <zlib.h>

#include <algorithm>

namespace penstock {
namespace {

constexpr int kEitherFormat = 15 + 32;  // the largest window, and the header tells which it is
constexpr size_t kPieceBytes = 16 << 10;
constexpr size_t kKeepBytes = size_t{1} << 20;

}  // namespace

bool is_deflated(std::string_view bytes) {
  if (bytes.size() < 2) return false;
  const auto first = static_cast<uint8_t>(bytes[0]), second = static_cast<uint8_t>(bytes[1]);
  if (first == 0x1F && second == 0x8B) return true;
  // RFC 1950: deflate with a window of at most 32 KiB, and a check over both bytes.
  return (first & 0x0F) == 8 && first >> 4 <= 7 && (first * 256U + second) % 31 == 0;
}

Inflater::Inflater() = default;
Inflater::~Inflater() {
  if (stream_) inflateEnd(stream_.get());
}

std::optional<std::string_view> Inflater::unpack(std::string_view bytes, size_t bytes_max,
                                                 Arena& arena) {
  if (!stream_) {
    stream_ = std::make_unique<z_stream>();
    CHECK(inflateInit2(stream_.get(), kEitherFormat) == Z_OK, "zlib starts");
  }
  out_.clear();
  stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream_->avail_in = static_cast<uInt>(bytes.size());
  do {
    if (!unpack_member(bytes_max)) return std::nullopt;
  } while (stream_->avail_in > 0 && *stream_->next_in == 0x1F);
  const std::string_view text = arena.copy(out_.view());
  if (out_.capacity() > kKeepBytes) out_ = ByteBuffer();
  return text;
}

bool Inflater::unpack_member(size_t bytes_max) {
  inflateReset(stream_.get());
  for (;;) {
    const size_t room = std::min(kPieceBytes, bytes_max + 1 - out_.size());
    stream_->next_out = reinterpret_cast<Bytef*>(out_.reserve(room));
    stream_->avail_out = static_cast<uInt>(room);
    const int result = inflate(stream_.get(), Z_NO_FLUSH);
    out_.commit(room - stream_->avail_out);
    if (out_.size() > bytes_max) return false;
    if (result == Z_STREAM_END) return true;
    if (result != Z_OK) return false;  // damaged, or no more bytes
  }
}

}  // namespace penstock
