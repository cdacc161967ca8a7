// OpenFiles: the files an output writes, shared by the workers' lanes. Bytes of one call are
// written together, so lines of two workers never mix. When the disk is full (or the file can't be
// opened) the writer waits and tries again, for that is the backpressure; stop() ends the waiting.
//
// Any thread; a lock per file output, held while writing.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "pipeline/metrics/counter.h"
#include "pipeline/plugin/settlement.h"

namespace penstock::file_output_parts {

struct FileSettings {
  bool gzip = false;
  bool create_if_deleted = true;
  bool overwrite = false;
  int folder_mode = -1;  // -1: what the umask says
  int file_mode = -1;
  std::chrono::milliseconds flush_interval{2000};  // of gzip blocks
  std::string failure_path;
};

// A batch's delivery, shared by the files that its rows went to: done when the last one is written,
// replayed when one was not.
class SharedDelivery {
 public:
  explicit SharedDelivery(Delivery delivery) : delivery_(std::move(delivery)) {}
  SharedDelivery(const SharedDelivery&) = delete;
  SharedDelivery& operator=(const SharedDelivery&) = delete;
  ~SharedDelivery() {
    if (!lost_) delivery_.done();
  }
  void lose() { lost_ = true; }  // under the lock of OpenFiles

 private:
  Delivery delivery_;
  bool lost_ = false;
};

class OpenFiles {
 public:
  explicit OpenFiles(FileSettings settings);
  ~OpenFiles();

  // Appends; returns when the bytes are written (or kept for a gzip block), or lost to stop().
  void write(const std::string& path, std::string_view bytes,
             std::shared_ptr<SharedDelivery> delivery);
  // Writes blocks that have waited long enough; closes files that nobody wrote to for a while.
  void tick(std::chrono::steady_clock::time_point now);
  void flush_all();
  bool pending() const;
  // Ends all waiting: what could not be written is replayed.
  void stop();

  struct Metrics {
    Gauge open;
    Gauge waiting;  // 1 while a write waits for the disk
    Counter bytes;
    Counter errors;
    Counter misdirected;  // written to the failure file
  };
  Metrics& metrics() { return metrics_; }

  static constexpr size_t kOpenMax = 512;
  static constexpr size_t kGzipBlockBytes = 256 << 10;
  static constexpr std::chrono::seconds kStaleAfter{10};

 private:
  struct File;
  using Files = std::list<File>;  // most recently used first

  File& file_at(const std::string& path);
  bool open(File& file);
  bool is_deleted(const File& file) const;
  void close(File& file);
  void flush(File& file);
  bool write_out(File& file, std::string_view bytes);
  static void take_back(const File& file, off_t written);
  bool wait_after(const std::string& path, int error);
  std::string compressed(std::string_view bytes) const;

  FileSettings settings_;
  Metrics metrics_;
  mutable std::mutex mutex_;  // all below
  Files files_;
  std::unordered_map<std::string, Files::iterator> by_path_;
  std::chrono::steady_clock::time_point swept_{};
  std::chrono::milliseconds delay_{0};

  std::mutex stop_mutex_;  // stopped_
  std::condition_variable stopping_;
  bool stopped_ = false;
};

}  // namespace penstock::file_output_parts
