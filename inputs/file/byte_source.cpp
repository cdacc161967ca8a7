#include "inputs/file/byte_source.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace penstock::file {
namespace {

constexpr size_t kCompressedBytes = 64 << 10;

class PlainSource : public ByteSource {
 public:
  explicit PlainSource(int descriptor) : ByteSource(descriptor) {
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  }

  Result<size_t> read(char* to, size_t room) override {
    while (true) {
      const ssize_t got = pread(descriptor_, to, room, static_cast<off_t>(offset_));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return io_error(errno_text(errno));
      offset_ += static_cast<uint64_t>(got);
      return static_cast<size_t>(got);
    }
  }
  Status seek(uint64_t offset) override {
    offset_ = offset;
    return ok_status();
  }
  uint64_t file_bytes_done() const override { return offset_; }

 private:
  uint64_t offset_ = 0;
};

// Members that follow each other are one stream, as with gzip -d.
class GzipSource : public ByteSource {
 public:
  explicit GzipSource(int descriptor) : ByteSource(descriptor), compressed_(kCompressedBytes) {
    // 15 bits of window; +16: a gzip header is expected
    ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK;
  }
  ~GzipSource() override {
    if (ready_) inflateEnd(&stream_);
  }

  Result<size_t> read(char* to, size_t room) override {
    if (!ready_) return io_error("zlib could not start");
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(std::min<size_t>(room, 1 << 30));
    const uInt wanted = stream_.avail_out;
    while (stream_.avail_out == wanted) {
      if (stream_.avail_in == 0) {
        TRY(const bool more, fill());
        if (!more) {
          if (inside_) return io_error("the gzip file ends too early");
          return size_t{0};
        }
      }
      if (!inside_ && std::all_of(stream_.next_in, stream_.next_in + stream_.avail_in,
                                  [](Bytef byte) { return byte == 0; })) {
        stream_.avail_in = 0;  // padding after the last member
        continue;
      }
      inside_ = true;
      const int outcome = inflate(&stream_, Z_NO_FLUSH);
      if (outcome == Z_STREAM_END) {
        inside_ = false;
        inflateReset(&stream_);
      } else if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
        return io_error(std::string("not good gzip: ") + (stream_.msg ? stream_.msg : "damaged"));
      }
    }
    return size_t{wanted} - stream_.avail_out;
  }

  Status seek(uint64_t offset) override {
    std::vector<char> skipped(kCompressedBytes);
    while (offset > 0) {
      TRY(const size_t got, read(skipped.data(), std::min<uint64_t>(offset, skipped.size())));
      if (got == 0) return io_error("the gzip file is shorter than what was read of it before");
      offset -= got;
    }
    return ok_status();
  }
  bool is_gzip() const override { return true; }
  uint64_t file_bytes_done() const override { return offset_; }

 private:
  Result<bool> fill() {
    const ssize_t got =
        pread(descriptor_, compressed_.data(), compressed_.size(), static_cast<off_t>(offset_));
    if (got < 0) return io_error(errno_text(errno));
    offset_ += static_cast<uint64_t>(got);
    stream_.next_in = compressed_.data();
    stream_.avail_in = static_cast<uInt>(got);
    return got > 0;
  }

  std::vector<Bytef> compressed_;
  z_stream stream_{};
  bool ready_ = false;
  bool inside_ = false;  // a member has begun and not ended
  uint64_t offset_ = 0;
};

}  // namespace

ByteSource::~ByteSource() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::unique_ptr<ByteSource> plain_source(int descriptor) {
  return std::make_unique<PlainSource>(descriptor);
}

std::unique_ptr<ByteSource> gzip_source(int descriptor) {
  return std::make_unique<GzipSource>(descriptor);
}

bool is_gzip_name(std::string_view path) {
  return path.ends_with(".gz") || path.ends_with(".gzip");
}

Status check_gzip(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return io_error(errno_text(errno));
  GzipSource source(descriptor);
  std::vector<char> bytes(kCompressedBytes);
  while (true) {
    TRY(const size_t got, source.read(bytes.data(), bytes.size()));
    if (got == 0) return ok_status();
  }
}

}  // namespace penstock::file
