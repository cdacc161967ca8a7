// Collector: finds files, reads them and offers their records. Owns no thread and no timer: the
// input's loop (or a test) calls discover(), check(), pump() and commit() when it is time.
//
// Reading goes file by file, in the order they were queued; a chunk of 256 KiB is read straight
// into a slab. The unfinished line at its end is copied to the front of the next slab, so records
// are never joined afterwards. When the intake is full, parcels wait here and reading stops.
//
// Positions: each parcel's token opens a position in its stream's AckWindow, marked with the file
// offset after its last record. commit() writes the low water marks to the registry.
//
// Rotation. A path that leads to another file: the old one is read to its end through the open
// descriptor, then closed once nothing was added for a while. A file shorter than what was read of
// it, or that begins differently, was cut (copytruncate): it is read from its start as a new
// stream. In read mode a file that changes after its end was reached is treated likewise, unless
// the input exits then: read on when it grew, from its start when it was cut. A path with a known
// file's identity is that file renamed: it goes on.
//
// Loop thread, except settle(), bytes_done() and bytes_total(): any thread.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "inputs/file/options.h"
#include "inputs/file/registry.h"
#include "inputs/file/stream.h"
#include "pipeline/plugin/input.h"

namespace penstock::file {

class Collector {
 public:
  using MakeFramer = std::function<std::unique_ptr<Framer>()>;

  Collector(FileOptions options, const Context& context, MakeFramer make_framer);
  ~Collector();

  // Opens the registry.
  Status open(Intake& intake, Input& input, uint32_t index);

  // Expands the patterns and takes up new, renamed and rotated files.
  void discover();
  // Looks at every known file: growth, cuts, rotation, age.
  void check();
  // The same for one path; a path that isn't known asks for a discover().
  enum class Known : uint8_t { no, yes };
  Known check(const std::string& path);
  // Reads a bounded amount. True: there is more to do at once.
  bool pump();
  // Writes down what is settled; `durably` waits for the disk. Then the completed actions.
  void commit(bool durably);
  // Parcels that wait for the intake become replays.
  void stop();

  void settle(Position position, Verdict verdict) noexcept;

  bool blocked() const { return !blocked_.empty(); }
  bool exhausted() const;  // exit_after_read: all is offered
  // Folders in which files appear and grow, for watching.
  const std::set<std::string>& folders() const { return folders_; }
  const FileOptions& options() const { return options_; }
  uint64_t bytes_done() const { return bytes_done_.load(std::memory_order_relaxed); }
  std::optional<uint64_t> bytes_total() const;  // in read mode: of the files found so far

  struct Metrics {
    Gauge open_files;
    Counter bytes_read;
    Counter bytes_unread;  // of files that vanished before they were read to their end
    Counter cuts;          // files cut or written anew while they were followed
    Counter rotations;
    Counter failures;  // files that could not be opened or read
  };
  const Metrics& metrics() const { return metrics_; }

  // After a rotated or deleted file's end was reached, it is kept open this long: the program that
  // writes it may not have noticed yet.
  static constexpr std::chrono::seconds kRotatedGrace{5};

 private:
  struct Found;
  enum class Turn : uint8_t { more, idle, over, full };

  // collector_find.cpp
  std::vector<Found> find_files();
  void take_up(const Found& found);
  Stream& add_stream(const Found& found, bool start_at_end);
  void note_gone(Stream& stream);
  void look_at(Stream& stream);
  void age(Stream& stream);
  Stream& restart(Stream& stream);
  void read_on(Stream& stream, uint64_t size);
  std::shared_ptr<const Origin> origin_of(const std::string& path) const;
  void retire_streams();

  // collector.cpp
  bool open_stream(Stream& stream);
  uint64_t start_of(Stream& stream, bool& done);
  void close_stream(Stream& stream);
  void fail(Stream& stream, const std::string& why);
  void refuse(Stream& stream, int error);
  void enqueue(Stream& stream);
  bool flush_blocked();
  Turn read_turn(Stream& stream);
  Turn read_chunk(Stream& stream);
  Turn reach_end(Stream& stream);
  void set_carry_aside(Stream& stream);
  void tick(Stream& stream);
  void offer(Stream& stream, Records& records);
  void count_progress(Stream& stream);
  void finish_completed();
  bool complete(Stream& stream);

  FileOptions options_;
  Context context_;
  MakeFramer make_framer_;
  Intake* intake_ = nullptr;
  Input* input_ = nullptr;
  uint32_t index_ = 0;
  Registry registry_;

  std::mutex mutex_;  // streams_: changed by the loop, searched by settle()
  std::unordered_map<uint32_t, std::unique_ptr<Stream>> streams_;
  uint32_t next_number_ = 0;
  std::map<std::string, Stream*> by_path_;
  std::map<FileId, Stream*> by_id_;
  std::map<std::string, uint64_t> ignored_;  // sizes of files left out for their age
  std::deque<Stream*> queue_;
  std::deque<std::unique_ptr<Parcel>> blocked_;
  std::set<std::string> folders_;
  std::set<std::string> complained_;  // paths whose failure was logged
  bool discovered_ = false;
  bool registry_failing_ = false;

  Metrics metrics_;
  std::atomic<uint64_t> bytes_total_{0};
  std::atomic<uint64_t> bytes_done_{0};
};

}  // namespace penstock::file
