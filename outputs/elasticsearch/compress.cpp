#include "outputs/elasticsearch/compress.h"

#include <isa-l/igzip_lib.h>
#include <zlib.h>

#include <vector>

#include "pipeline/base/check.h"

namespace penstock::elastic {

struct Gzip::Impl {
  explicit Impl(int l) : level(l) {}
  ~Impl() {
    if (zlib_ready) deflateEnd(&zlib);
  }

  int level;
  isal_zstream isal{};
  std::vector<uint8_t> isal_memory;
  z_stream zlib{};
  bool zlib_ready = false;

  void by_isal(std::string_view in, ByteBuffer& out);
  void by_zlib(std::string_view in, ByteBuffer& out);
};

Gzip::Gzip(int level) : impl_(std::make_unique<Impl>(level)) {}
Gzip::~Gzip() = default;
Gzip::Gzip(Gzip&&) noexcept = default;
Gzip& Gzip::operator=(Gzip&&) noexcept = default;

void Gzip::Impl::by_isal(std::string_view in, ByteBuffer& out) {
  isal_memory.resize(ISAL_DEF_LVL1_DEFAULT);
  isal_deflate_init(&isal);
  isal.level = 1;
  isal.level_buf = isal_memory.data();
  isal.level_buf_size = static_cast<uint32_t>(isal_memory.size());
  isal.gzip_flag = IGZIP_GZIP;
  isal.end_of_stream = 1;
  isal.flush = NO_FLUSH;
  isal.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(in.data()));
  isal.avail_in = static_cast<uint32_t>(in.size());
  size_t room = in.size() / 4 + 4096;
  do {
    char* to = out.reserve(room);
    isal.next_out = reinterpret_cast<uint8_t*>(to);
    isal.avail_out = static_cast<uint32_t>(room);
    CHECK(isal_deflate(&isal) == COMP_OK, "gzip of a whole buffer does not fail");
    out.commit(room - isal.avail_out);
  } while (isal.internal_state.state != ZSTATE_END);
}

void Gzip::Impl::by_zlib(std::string_view in, ByteBuffer& out) {
  if (!zlib_ready)
    CHECK(deflateInit2(&zlib, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK,
          "out of memory");
  zlib_ready = true;
  deflateReset(&zlib);
  const size_t room = deflateBound(&zlib, in.size());
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  zlib.avail_in = static_cast<uInt>(in.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.reserve(room));
  zlib.avail_out = static_cast<uInt>(room);
  CHECK(deflate(&zlib, Z_FINISH) == Z_STREAM_END, "deflateBound() is enough");
  out.commit(room - zlib.avail_out);
}

void Gzip::compress(std::string_view in, ByteBuffer& out) {
  out.clear();
  if (impl_->level <= 1)
    impl_->by_isal(in, out);
  else
    impl_->by_zlib(in, out);
}

}  // namespace penstock::elastic
