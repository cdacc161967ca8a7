// Registry: how far each file has been settled, on disk. An append-only text file, a line per
// change; the newest line of a file holds. Each line has a checksum, so a line torn by a crash is
// recognized and skipped. When it has grown it is written anew beside itself and renamed.
//
//   PENSTOCK-REGISTRY 1
//   <crc32> <device> <inode> <prefix bytes> <prefix hash> <offset> <done> <seconds> <path>
//
// Logstash's sincedb lines (inode, major, minor, offset, time, path) are read too, so that a
// migrated pipeline goes on where it was. Loop thread; not thread-safe.
#pragma once

#include <map>
#include <string>

#include "inputs/file/identity.h"
#include "pipeline/base/result.h"

namespace penstock::file {

struct Progress {
  FileId id;
  Prefix prefix;
  uint64_t offset = 0;  // settled; of the uncompressed text for a gzip file
  bool done = false;    // a gzip file that was read to its end
  int64_t seconds = 0;  // when it was last written, since 1970
  std::string path;
};

class Registry {
 public:
  Registry() = default;
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Reads what is there. "" or "/dev/null": nothing is kept. Entries older than `clean_after`
  // seconds are forgotten.
  Status open(const std::string& path, int64_t now, int64_t clean_after);
  const Progress* find(FileId id) const;
  // Appended to the file by write(); durable after sync().
  void put(const Progress& progress);
  void erase(FileId id);
  Status write();
  Status sync();

  const std::string& path() const { return path_; }

  static constexpr size_t kBytesMax = 4 << 20;  // beyond it the file is written anew

 private:
  Status load(int64_t oldest);
  Status rewrite();
  void append_line(const Progress& progress);

  std::string path_;
  int descriptor_ = -1;
  std::map<FileId, Progress> entries_;
  std::string unwritten_;
  size_t bytes_ = 0;
  size_t rewrite_at_ = kBytesMax;
  bool dirty_ = false;  // written, not synced
  bool torn_ = false;   // the last write failed half-way
};

}  // namespace penstock::file
